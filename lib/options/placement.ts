import type { ServiceDescriptor } from '../contract/descriptor'
import { pathFault, stripSlashes } from '../contract/path'
import type { NodeLog } from '../log'
import { printablePart, withoutCredentials } from '../printable'
import type { Placement } from '../registry/node-places'
import { isYesOrNo, UserFunction } from '../user-function'
import type { ServiceFilter } from './common-options'

/** The paths that a warning was given for. */
const MAX_WARNED = 100

/**
 * The function that a filter stands for; all services without a filter.
 *
 * @param option - the option that the filter comes from, for warnings
 */
export function toFilter (
  option: string, filter: ServiceFilter | undefined, log: NodeLog
): (service: ServiceDescriptor) => boolean {
  if (typeof filter === 'function') {
    const chooses = new UserFunction(filter, {
      name: option,
      isValid: isYesOrNo,
      expected: 'true or false',
      otherwise: false,
      consequence: 'which chooses nothing'
    })
    return service => chooses.call(log, service.path, service)
  }
  const paths = filter?.map(stripSlashes)
  return ({ path }) => paths?.includes(path) ?? true
}

/** The options that say where services of other nodes are on this app. */
export interface PlacementOptions {
  readonly remoteServices: ServiceFilter | undefined
  readonly remoteServicePath: ((service: ServiceDescriptor) => string) | undefined
}

/**
 * Where services of other nodes are on this app. What the functions of the user do wrong is a warning.
 *
 * @returns undefined where the options don't say it, as in most programs: then no service has to be described for it
 */
export function toPlacement (
  { remoteServices, remoteServicePath }: PlacementOptions, log: NodeLog
): Placement | undefined {
  if (remoteServices === undefined && remoteServicePath === undefined) return undefined
  const wanted = toFilter('remoteServices', remoteServices, log)
  const pathOf = toPathOf(remoteServicePath, log)
  const warned = new Set<string>()
  return service => {
    if (!wanted(service)) return undefined
    const given = pathOf(service)
    if (given === undefined) return undefined
    const path = stripSlashes(given)
    const fault = pathFault(path)
    if (fault === undefined) return path
    if (!warned.has(path) && warned.size < MAX_WARNED) {
      warned.add(path)
      log.tell('FEATHERS_MESH_PLACEMENT', `remoteServicePath gives '${printablePart(service.path)}' the path ` +
        `'${printablePart(withoutCredentials(path))}', where no service can be, as ${fault}`, { path: service.path, key: service.key, option: 'remoteServicePath' })
    }
    return undefined
  }
}

/** The path that the function of the user gives a service; undefined where it gives none. */
function toPathOf (
  remoteServicePath: PlacementOptions['remoteServicePath'], log: NodeLog
): (service: ServiceDescriptor) => string | undefined {
  if (remoteServicePath === undefined) return ({ path }) => path
  const gives = new UserFunction((service: ServiceDescriptor) => remoteServicePath(service) ?? service.path, PATH)
  return service => gives.call(log, service.path, service)
}

const PATH = {
  name: 'remoteServicePath',
  isValid: (answer: unknown): answer is string | undefined => typeof answer === 'string',
  expected: 'a path',
  otherwise: undefined,
  consequence: 'so the service is not on this app'
}

/** The names of the options of a service that its callers can read, by the function of the user. */
export function toSharedOptions (
  remoteServiceOptions: ((service: ServiceDescriptor) => readonly string[] | null | undefined) | undefined,
  log: NodeLog
): (service: ServiceDescriptor) => readonly string[] | null | undefined {
  if (remoteServiceOptions === undefined) return () => undefined
  const names = new UserFunction(remoteServiceOptions, NAMES)
  return service => names.call(log, service.path, service)
}

const NAMES = {
  name: 'remoteServiceOptions',
  isValid: (answer: unknown): answer is readonly string[] | null | undefined =>
    answer === null || answer === undefined ||
    (Array.isArray(answer) && answer.every(name => typeof name === 'string')),
  expected: 'a list of names',
  otherwise: undefined,
  consequence: 'so callers can read none'
}

/**
 * Whether the user gives a service just this path: by naming it, or by a function that returns it. A service may match
 * the requests for others, so it is not enough that its own node says so.
 */
export function namedBy (
  { remoteServices, remoteServicePath }: PlacementOptions, log: NodeLog
): (service: ServiceDescriptor, path: string) => boolean {
  const listed = new Set(typeof remoteServices === 'object' ? remoteServices.map(stripSlashes) : [])
  const gives = remoteServicePath === undefined ? undefined : new UserFunction(remoteServicePath, PATH_OR_NONE)
  return (service, path) => {
    if (listed.has(service.path) && service.path === path) return true
    const given = gives?.call(log, service.path, service)
    return typeof given === 'string' && stripSlashes(given) === path
  }
}

const PATH_OR_NONE = {
  ...PATH,
  isValid: (answer: unknown): answer is string | null | undefined =>
    answer === null || answer === undefined || typeof answer === 'string'
}
