import type { DistributedModuleOptions } from 'feathers-mesh'

/**
 * By default the processes of this sample look for each other on this machine. `MESH_DISCOVERY` says where else, and
 * opens the mesh: every machine that is reached so can call the replicas.
 */
export const meshOptions: Pick<DistributedModuleOptions, 'insecure'> =
  process.env.MESH_DISCOVERY ? { insecure: true } : {}
