import { RecentMap } from '../collections/recent-map'
import type { MeshNode } from './mesh-node'

/** Where a service was hosted last. */
export interface LastSeen {
  /** The id of the node. */
  readonly node: string
  /** What people call the node; undefined where it did not say. */
  readonly name?: string
  readonly key: string
  readonly at: Date
}

/** How many services and keys are kept: nodes that join with new ones again and again must not fill the memory. */
const MAX_PATHS = 10_000

/** Characters of all paths, ids, names and keys that are kept: peers choose how long each of them is. */
const MAX_LENGTH = 8 * 1_048_576

/** Where each service was hosted last, also of services that are gone. The oldest entries are dropped. */
export class LastSeenServices {
  private readonly byPath: SizedMap<LastSeen>
  private readonly keys: SizedMap<true>

  /**
   * @param maxPaths - how many paths are kept, and how many keys
   * @param maxLength - the most characters of either
   */
  constructor (maxPaths = MAX_PATHS, maxLength = MAX_LENGTH) {
    const lengthOf = ({ node, name = '', key }: LastSeen): number => node.length + name.length + key.length
    this.byPath = new SizedMap(maxPaths, maxLength, lengthOf)
    this.keys = new SizedMap(maxPaths, maxLength, () => 0)
  }

  /** Records that a node hosts a path now. */
  saw (path: string, { id, name, key }: MeshNode): void {
    this.byPath.set(path, { node: id, ...name === undefined ? {} : { name }, key, at: new Date() })
  }

  /** Records that a node has this key now. */
  sawKey (key: string): void {
    this.keys.set(key, true)
  }

  /** Where a path was hosted last; undefined if it never was, or was dropped. */
  get (path: string): LastSeen | undefined {
    return this.byPath.get(path)
  }

  /** The paths that nodes of a key hosted last; undefined if no such node is known. */
  pathsOf (key: string): readonly string[] | undefined {
    if (!this.keys.has(key)) return undefined
    return [...this.byPath].filter(([, seen]) => seen.key === key).map(([path]) => path)
  }
}

/** A map of texts that is bounded in characters, too. */
class SizedMap<V> extends RecentMap<string, V> {
  private length = 0

  constructor (max: number, private readonly maxLength: number, private readonly lengthOf: (value: V) => number) {
    super(max)
  }

  override set (key: string, value: V): this {
    super.set(key, value)
    this.length += key.length + this.lengthOf(value)
    for (const oldest of this.keys()) {
      if (this.length <= this.maxLength) break
      this.delete(oldest)
    }
    return this
  }

  override delete (key: string): boolean {
    const value = this.get(key)
    if (value !== undefined) this.length -= key.length + this.lengthOf(value)
    return super.delete(key)
  }
}
