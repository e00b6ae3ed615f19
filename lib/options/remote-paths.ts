import { pathFault, stripSlashes } from '../contract/path'
import { getListeners, type Class } from '../decorators/metadata'
import { pathOf, type ClassOrPath } from '../decorators/remote-injection'
import { ConfigurationError } from '../errors'
import { withoutCredentials } from '../printable'

/** A service of other nodes, and the only key whose nodes may serve it. */
export interface RemoteOfKey {
  /** The path on this app. */
  readonly path: string
  readonly key: string
}

/** What `remotes` lists: a decorated class, the path of a service, or a path with the key of its nodes. */
export type NeededRemote = ClassOrPath | RemoteOfKey

/** The services that a node needs, and what is wrong with those that have no path. */
export interface RemotePaths {
  readonly paths: readonly string[]
  /** The keys that are named, by path. */
  readonly keys: ReadonlyMap<string, string>
  readonly faults: readonly string[]
}

/** A class or a path, without the key. */
export function classOrPath (remote: NeededRemote): ClassOrPath {
  return typeof remote === 'object' ? remote.path : remote
}

/** The paths of classes and of paths as they are given, each once, and their keys. */
export function remotePaths (remotes: readonly NeededRemote[] = []): RemotePaths {
  const paths = new Set<string>()
  const keys = new Map<string, string>()
  const faults: string[] = []
  for (const remote of remotes) {
    try {
      const path = pathOf(classOrPath(remote))
      paths.add(path)
      if (typeof remote === 'object') faults.push(...keyFaults(keys, path, remote.key))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      faults.push(...error.faults)
    }
  }
  return { paths: [...paths], keys, faults }
}

/**
 * The paths whose events classes of this node listen to, but for those of classes that it hosts.
 *
 * @param listeners - the classes of `listeners`
 * @param services - what the node offers
 */
export function listenedPaths (listeners: readonly Class[] = [], services: unknown): readonly string[] {
  const offered: readonly unknown[] = Array.isArray(services) ? services : []
  const hosted = offered.filter(isClass)
  const own = new Set(offered.flatMap(each => typeof each === 'string' || isClass(each) ? known(each) : []))
  const paths = [...listeners, ...hosted].flatMap(getListeners).flatMap(({ service }) => known(service))
  return [...new Set(paths)].filter(path => !own.has(path))
}

function isClass (value: unknown): value is Class {
  return typeof value === 'function'
}

/** The path of a service; none where it is wrong, which is told with the class that names it. */
function known (service: ClassOrPath): string[] {
  try {
    return [pathOf(service)]
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return []
  }
}

/** Records the key of a path. What is wrong with it where the path has another one. */
function keyFaults (keys: Map<string, string>, path: string, key: string): string[] {
  const before = keys.get(path)
  keys.set(path, key)
  if (before === undefined || before === key) return []
  return [`option 'remotes' names two keys for '${withoutCredentials(path)}', '${withoutCredentials(before)}' and ` +
    `'${withoutCredentials(key)}'; a path has the service of one key, so leave one out`]
}

/** What is wrong with paths where no service can be: a caller would wait for one in vain. */
export function remoteFaults (remotes: readonly NeededRemote[] = []): string[] {
  return remotes.map(classOrPath).flatMap(remote => {
    const fault = typeof remote === 'string' ? pathFault(stripSlashes(remote)) : undefined
    return fault === undefined
      ? []
      : [`option 'remotes' names '${withoutCredentials(String(remote))}', where no service can be on the mesh, as ${fault}`]
  })
}
