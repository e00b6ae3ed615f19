import type { DistributedModuleOptions } from 'feathers-mesh'

const broadcast = process.env.MESH_BROADCAST

/**
 * Where the processes of this sample look for each other: by default on this machine, or in the network whose broadcast
 * address is `MESH_BROADCAST`. Every machine in that network can call the replicas.
 */
export const meshOptions: Pick<DistributedModuleOptions, 'cote' | 'insecure'> =
  broadcast ? { cote: { broadcast }, insecure: true } : {}
