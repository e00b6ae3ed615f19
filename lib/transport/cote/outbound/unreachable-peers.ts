import { RecentMap } from '../../../collections/recent-map'
import type { UnreachablePeer } from '../../transport'

/** How many are remembered, the last ones: anybody can send hellos of ever other nodes. */
const MAX_UNREACHABLE = 100

interface Entry {
  readonly peer: UnreachablePeer
  /** By `performance.now()`. */
  readonly at: number
}

/** The nodes that were heard and can't be reached: errors of calls tell why. */
export class UnreachablePeers {
  private readonly byHello = new RecentMap<string, Entry>(MAX_UNREACHABLE)

  /** @param maxAgeMs - after this time without another failure nobody knows */
  constructor (private readonly maxAgeMs: number) {}

  /** A node was heard, and can't be reached. @param iid - what its hellos go by */
  add (iid: string, peer: UnreachablePeer): void {
    this.byHello.set(iid, { peer, at: performance.now() })
  }

  /** A node is reached, or gone. */
  delete (iid: string): void {
    this.byHello.delete(iid)
  }

  /** All of them, those first that failed last. */
  get all (): readonly UnreachablePeer[] {
    const oldest = performance.now() - this.maxAgeMs
    return [...this.byHello.values()].filter(({ at }) => at >= oldest).map(({ peer }) => peer).reverse()
  }
}
