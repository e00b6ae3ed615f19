import type { MeshNode } from './mesh-node'

/** Where a service was hosted last. */
export interface LastSeen {
  readonly node: string
  readonly key: string
  readonly at: Date
}

/** So many services and keys are remembered: nodes that come and go with ever other ones must not fill the memory. */
const MAX_PATHS = 10_000

/** What a node knows of services that are gone: where each was last, those that were not seen for longest forgotten. */
export class LastSeenServices {
  private readonly byPath = new Map<string, LastSeen>()
  private readonly keys = new Set<string>()

  /** @param most - how many paths are remembered, and how many keys */
  constructor (private readonly most = MAX_PATHS) {}

  saw (path: string, { id, key }: MeshNode): void {
    // What is set anew goes to the end.
    this.byPath.delete(path)
    this.byPath.set(path, { node: id, key, at: new Date() })
    this.forgetFirst(this.byPath)
  }

  sawKey (key: string): void {
    this.keys.delete(key)
    this.keys.add(key)
    this.forgetFirst(this.keys)
  }

  /** Where a path was hosted last; undefined if it never was, or is forgotten. */
  get (path: string): LastSeen | undefined {
    return this.byPath.get(path)
  }

  /** The paths that nodes of a key hosted last; undefined if no such node is remembered. */
  pathsOf (key: string): readonly string[] | undefined {
    if (!this.keys.has(key)) return undefined
    return [...this.byPath].filter(([, seen]) => seen.key === key).map(([path]) => path)
  }

  private forgetFirst (remembered: Map<string, unknown> | Set<string>): void {
    if (remembered.size <= this.most) return
    const [first] = remembered.keys()
    if (first !== undefined) remembered.delete(first)
  }
}
