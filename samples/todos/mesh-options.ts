import type { DistributedModuleOptions } from 'feathers-mesh'

const broadcast = process.env.MESH_BROADCAST

/**
 * Where the processes of this sample look for each other: on this machine, which is the default of the mesh, or in
 * the network that `MESH_BROADCAST` is the broadcast address of. Whoever reaches that network can call the replicas.
 */
export const meshOptions: Pick<DistributedModuleOptions, 'cote' | 'insecure'> =
  broadcast ? { cote: { broadcast }, insecure: true } : {}
