/** For so long after a replica refused a call as it was busy, others are asked before it, in milliseconds. */
const BUSY_MS = 1_000

/** Something that runs on a node, such as a replica. */
interface OnNode {
  readonly node: { readonly id: string }
}

/**
 * The replicas that had no room for calls of this node a moment ago. One that refuses calls has the fewest of them
 * under way, and would get each next one: a few such replicas would keep the calls from all others.
 */
export class BusyReplicas {
  /** Until when others are asked first, by `performance.now()`. The one that refused longest ago is the first. */
  private readonly until = new Map<string, number>()

  /** A replica refused a call, as it was busy. */
  refused (nodeId: string): void {
    this.until.delete(nodeId)
    this.until.set(nodeId, performance.now() + BUSY_MS)
  }

  /** A replica answered a call, which leaves a place; or it is gone. */
  delete (nodeId: string): void {
    if (this.until.size > 0) this.until.delete(nodeId)
  }

  /** Those that may have room. Where all were busy, the one that refused longest ago. */
  first<H extends OnNode> (replicas: readonly H[]): readonly H[] {
    if (this.until.size === 0) return replicas
    this.forgetPast()
    const free = replicas.filter(({ node: { id } }) => !this.until.has(id))
    if (free.length > 0) return free
    for (const busyId of this.until.keys()) {
      const longestAgo = replicas.find(({ node: { id } }) => id === busyId)
      if (longestAgo !== undefined) return [longestAgo]
    }
    return replicas
  }

  private forgetPast (): void {
    const now = performance.now()
    for (const [id, end] of this.until) {
      if (end > now) return
      this.until.delete(id)
    }
  }
}
