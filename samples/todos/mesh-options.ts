import type { DistributedModuleOptions, Logger } from 'feathers-mesh'

/** Tells the life of the mesh in the terminal, without each node that comes or goes. An app gives its pino here. */
const logger: Logger = { ...console, debug: () => {} }

/**
 * By default the processes of this sample look for each other on this machine. `MESH_DISCOVERY` says where else, and
 * opens the mesh: every machine that is reached so can call the replicas.
 */
export const meshOptions: DistributedModuleOptions = {
  ...process.env.MESH_DISCOVERY ? { insecure: true } : {},
  logger,
  // Spans and metrics by OpenTelemetry go wherever an SDK sends them; without one they cost nothing.
  telemetry: true
}
