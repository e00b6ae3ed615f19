import { SizedMap } from '../collections/sized-map'
import type { MeshNode } from './mesh-node'
import type { RemoteServiceEntry } from './remote-service-entry'

/** Where a service was hosted last. */
export interface LastSeen {
  /** The id of the node. */
  readonly node: string
  /** What people call the node; undefined where it did not say. */
  readonly name?: string
  readonly key: string
  readonly at: Date
}

/** The same as it is kept: a large mesh has thousands of them. */
interface Seen {
  readonly node: string
  readonly name: string | undefined
  readonly key: string
  readonly at: number
}

/** How many services and keys are kept: nodes that join with new ones again and again must not fill the memory. */
const MAX_PATHS = 10_000

/** Characters of all paths, ids, names and keys that are kept: peers choose how long each of them is. */
const MAX_LENGTH = 8 * 1_048_576

/** Where services that are gone were hosted last. The oldest entries are dropped. */
export class LastSeenServices {
  private readonly byPath: SizedMap<string, Seen>
  private readonly keys: SizedMap<string, true>
  /** What was kept last: the services of a node come one after the other, and share it. */
  private latest: Seen | undefined

  /**
   * @param maxPaths - how many paths are kept, and how many keys
   * @param maxLength - the most characters of either
   */
  constructor (maxPaths = MAX_PATHS, maxLength = MAX_LENGTH) {
    this.byPath = new SizedMap(maxPaths, maxLength, (path, { node, name = '', key }) =>
      path.length + node.length + name.length + key.length)
    this.keys = new SizedMap(maxPaths, maxLength, key => key.length)
  }

  /** Records that a node hosts a path no more. */
  left (path: string, { id, name, key }: MeshNode): void {
    const at = Date.now()
    const { latest } = this
    const isSame = latest?.at === at && latest.node === id && latest.name === name && latest.key === key
    const seen = isSame ? latest : { node: id, name, key, at }
    this.latest = seen
    this.byPath.set(path, seen)
    // Others may have gone since this one began to.
    this.sawKey(key)
  }

  /** Records that a node had this key: it is known when none has it any more. */
  sawKey (key: string): void {
    this.keys.set(key, true)
  }

  /** Where a path was hosted last; undefined if it never was, or was dropped. */
  get (path: string): LastSeen | undefined {
    const seen = this.byPath.get(path)
    return seen === undefined ? undefined : toLastSeen(seen)
  }

  /** The paths that nodes of a key hosted last; undefined if no such node is known. */
  pathsOf (key: string): readonly string[] | undefined {
    if (!this.keys.has(key)) return undefined
    return [...this.byPath].filter(([, seen]) => seen.key === key).map(([path]) => path)
  }
}

/** Where a service is hosted now. */
export function seenNow (entry: RemoteServiceEntry | undefined): LastSeen | undefined {
  const node = entry?.hosts.at(-1)?.node
  return node === undefined ? undefined : toLastSeen({ node: node.id, name: node.name, key: node.key, at: Date.now() })
}

function toLastSeen ({ node, name, key, at }: Seen): LastSeen {
  return { node, ...name === undefined ? {} : { name }, key, at: new Date(at) }
}
