/** Marks a service that reports health, also one that another copy of this package registered. */
export const HEALTH = Symbol.for('feathers-mesh:health')

/** Whether a service on this app stands for one of other nodes. feathers-distributed marks them in the same way. */
export function isRemote (service: object): boolean {
  return 'remote' in service && service.remote === true
}

/** Whether a service reports the health of a mesh, on whatever path. */
export function isHealthService (service: object): boolean {
  return HEALTH in service && service[HEALTH] === true
}
