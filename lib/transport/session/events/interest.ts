import type { EventGroup, GroupInterest } from '../../event-groups'

/** Whether a node wants the events of a path of any peer; a set of paths will do. */
export interface PathInterest {
  /** Whether it wants all events of a path. */
  has (path: string): boolean
  /** The groups that it is in of the events of a path, where the publisher has a key. */
  groupsOf? (path: string, key: string): readonly EventGroup[]
  /** Since when there are listeners, as `performance.now()` gives it; undefined where that is not known. */
  since? (path: string): number | undefined
}

interface Joined {
  readonly groups: readonly GroupInterest[]
  readonly since: number
}

/** The paths whose events a node wants of any peer, and its groups, from the moment that it is on the mesh. */
export class Interest implements PathInterest {
  private readonly byPath = new Map<string, number>()
  private readonly joined = new Map<string, Joined>()
  private begunAt = performance.now()
  private hasLeft = false

  /** The node joins the mesh, perhaps again. */
  begin (): void {
    this.begunAt = performance.now()
    this.hasLeft = false
  }

  /**
   * Adds a path.
   *
   * @param since - since when there are listeners, as `performance.now()` gives it
   * @returns whether it is new
   */
  add (path: string, since = performance.now()): boolean {
    if (this.byPath.has(path)) return false
    this.byPath.set(path, since)
    return true
  }

  /** Deletes a path; false if it was not there. */
  delete (path: string): boolean {
    return this.byPath.delete(path)
  }

  /** The node is in these groups of a path, and in no others of it. */
  join (path: string, groups: readonly GroupInterest[], since = performance.now()): void {
    const known = this.joined.get(path)?.since ?? since
    if (groups.length > 0) this.joined.set(path, { groups, since: known })
    else this.joined.delete(path)
  }

  /** The node is in no group until it joins the mesh again. */
  leaveGroups (): void {
    this.hasLeft = true
  }

  has (path: string): boolean {
    return this.byPath.has(path)
  }

  /** Whether the node wants no event of any path. */
  get isEmpty (): boolean {
    return this.byPath.size === 0 && !this.hasGroups
  }

  /** Whether the node is in any group. */
  get hasGroups (): boolean {
    return !this.hasLeft && this.joined.size > 0
  }

  groupsOf (path: string, key: string): readonly EventGroup[] {
    const joined = this.hasLeft ? undefined : this.joined.get(path)
    if (joined === undefined) return []
    return joined.groups.filter(each => each.key === undefined || each.key === key)
      .map(({ event, group }) => ({ path, event, group }))
  }

  /** All groups, of publishers with a key. */
  groupsFor (key: string): readonly EventGroup[] {
    return [...this.joined.keys()].flatMap(path => this.groupsOf(path, key))
  }

  /** All paths of which it wants all events. */
  get all (): readonly string[] {
    return [...this.byPath.keys()]
  }

  since (path: string): number | undefined {
    const [plain = Infinity, joined = Infinity] = [this.byPath.get(path), this.joined.get(path)?.since]
    const since = Math.min(plain, joined)
    return since === Infinity ? undefined : Math.max(since, this.begunAt)
  }
}
