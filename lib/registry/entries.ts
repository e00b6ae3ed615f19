import type { RemoteServiceEntry } from './remote-service-entry'

const NONE: ReadonlyMap<string, RemoteServiceEntry> = new Map()

/** The remote services that a node knows: of each path the one in use, and those of other keys. */
export class Entries {
  /** Those in use, by local path: each call reads them. */
  private readonly inUse = new Map<string, RemoteServiceEntry>()
  /** All others, by local path, then by key: few paths have any. */
  private readonly others = new Map<string, Map<string, RemoteServiceEntry>>()

  /** Those in use. */
  get used (): readonly RemoteServiceEntry[] {
    return [...this.inUse.values()]
  }

  /** The one in use on a path. */
  at (path: string): RemoteServiceEntry | undefined {
    return this.inUse.get(path)
  }

  /** The others on a path, in the order in which they came. */
  othersAt (path: string): readonly RemoteServiceEntry[] {
    return [...(this.others.get(path) ?? NONE).values()]
  }

  /** The paths that a key has replicas on, in use or not. */
  pathsOf (key: string): readonly string[] {
    const used = this.used.filter(entry => entry.key === key).map(({ path }) => path)
    const others = [...this.others].filter(([, byKey]) => byKey.has(key)).map(([path]) => path)
    return [...used, ...others]
  }

  /** The replicas of a key on a path, in use or not. */
  of (path: string, key: string): RemoteServiceEntry | undefined {
    const used = this.inUse.get(path)
    return used?.key === key ? used : this.others.get(path)?.get(key)
  }

  /** One that is not in use. */
  addOther (entry: RemoteServiceEntry): void {
    const { path, key } = entry
    const byKey = this.others.get(path)
    if (byKey === undefined) this.others.set(path, new Map([[key, entry]]))
    else byKey.set(key, entry)
  }

  /** Of a path on which none is in use, this one is from now on. */
  use (entry: RemoteServiceEntry): void {
    this.deleteOther(entry)
    this.inUse.set(entry.path, entry)
  }

  /** One has no replicas any more. */
  delete (entry: RemoteServiceEntry): void {
    if (this.inUse.get(entry.path) === entry) this.inUse.delete(entry.path)
    else this.deleteOther(entry)
  }

  private deleteOther ({ path, key }: RemoteServiceEntry): void {
    const byKey = this.others.get(path)
    if (byKey === undefined) return
    byKey.delete(key)
    if (byKey.size === 0) this.others.delete(path)
  }
}
