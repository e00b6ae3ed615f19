import type { ServiceDescriptor } from '../contract/descriptor'
import { pathFault, stripSlashes } from '../contract/path'
import { messageOf, printable, withoutCredentials } from '../printable'
import type { Placement } from '../registry/node-places'
import type { ServiceFilter } from './common-options'

/** The function that a filter stands for; all services without a filter. */
export function toFilter (filter: ServiceFilter | undefined): (service: ServiceDescriptor) => boolean {
  if (typeof filter === 'function') return filter
  const paths = filter?.map(stripSlashes)
  return ({ path }) => paths?.includes(path) ?? true
}

/** The options that say where services of other nodes are on this app. */
export interface PlacementOptions {
  readonly remoteServices: ServiceFilter | undefined
  readonly remoteServicePath: ((service: ServiceDescriptor) => string) | undefined
}

/** Where services of other nodes are on this app. What the functions of the user do wrong is a warning. */
export function toPlacement ({ remoteServices, remoteServicePath }: PlacementOptions): Placement {
  const wanted = toFilter(remoteServices)
  const warned = new Set<string>()
  const place = (service: ServiceDescriptor): string | undefined => {
    const path = stripSlashes(remoteServicePath?.(service) ?? service.path)
    const fault = pathFault(path)
    if (fault === undefined) return path
    if (warned.has(path)) return undefined
    warned.add(path)
    process.emitWarning(`remoteServicePath gives '${service.path}' the path '${withoutCredentials(path)}', where no service can be, ` +
      `as ${fault}`)
    return undefined
  }
  return service => {
    try {
      return wanted(service) ? place(service) : undefined
    } catch (error) {
      // One of all the services of a mesh may have what such a function does not expect. It throws what it likes.
      process.emitWarning(printable(`remoteServices or remoteServicePath threw for '${service.path}': ${messageOf(error)}`))
      return undefined
    }
  }
}

/**
 * Whether the user gives a service just this path: by naming it, or by a function that returns it. A service may match
 * the requests for others, so it is not enough that its own node says so.
 */
export function namedBy (
  { remoteServices, remoteServicePath }: PlacementOptions
): (service: ServiceDescriptor, path: string) => boolean {
  const listed = new Set(typeof remoteServices === 'object' ? remoteServices.map(stripSlashes) : [])
  return (service, path) => {
    if (listed.has(service.path) && service.path === path) return true
    try {
      const given: unknown = remoteServicePath?.(service)
      return typeof given === 'string' && stripSlashes(given) === path
    } catch {
      // It placed the service before, and a warning tells of what it throws.
      return false
    }
  }
}
