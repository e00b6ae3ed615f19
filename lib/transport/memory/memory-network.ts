import { KnownLists } from '../session/contracts/known-lists'
import type { Transport } from '../transport'
import { MemberNews } from './member-news'
import { MemoryEvents } from './memory-events'
import { MemoryTransport } from './memory-transport'
import type { Wire } from './memory-link'

const PERFECT_WIRE: Wire = {
  carry (_kind, _from, _to, deliver) { setImmediate(deliver) }
}

const pairOf = (one: string, other: string): string => [one, other].sort().join(' ')

/**
 * A mesh without sockets: all nodes that join live in this process. Values, errors, refusals and the order of things
 * are as on a real wire, so that tests of services need no ports.
 *
 * @example
 * ```ts
 * const network = new MemoryNetwork()
 * const host = DistributedModule.forRoot({ transport: network.transport(), services: [TodoService] })
 * const consumer = DistributedModule.forRoot({ transport: network.transport(), remotes: ['todos'] })
 * ```
 */
export class MemoryNetwork {
  private readonly members = new Map<string, MemoryTransport>()
  private readonly news = new MemberNews(this.members)
  private readonly lists = new KnownLists()
  private readonly events = new MemoryEvents()
  /** The ids of those that can't reach each other: others may have them by then. */
  private readonly cuts = new Map<string, readonly [string, string]>()

  /** @param wire - what becomes of messages on their way */
  constructor (private readonly wire: Wire = PERFECT_WIRE) {}

  /** A transport for one node. */
  transport (): Transport {
    return new MemoryTransport({
      members: this.members,
      news: this.news,
      wire: this.wire,
      lists: this.lists,
      events: this.events,
      isCut: (one, other) => this.cuts.size > 0 && this.cuts.has(pairOf(one, other))
    })
  }

  /** The node is gone from one moment to the next: it says nothing, and does not know it. */
  kill (nodeId: string): void {
    const killed = this.members.get(nodeId)
    this.members.delete(nodeId)
    killed?.destroy()
    for (const member of this.members.values()) member.onPeerLost(nodeId)
  }

  /** Two nodes lose their connection, and can't make another one. */
  cut (oneId: string, otherId: string): void {
    const [one, other] = [this.members.get(oneId), this.members.get(otherId)]
    if (one === undefined || other === undefined || one === other || this.cuts.has(pairOf(oneId, otherId))) return
    this.cuts.set(pairOf(oneId, otherId), [oneId, otherId])
    one.onPeerLost(otherId)
    // A listener may have joined them again.
    if (!one.canReach(otherId)) other.onPeerLost(oneId)
  }

  /** All nodes can reach each other again. */
  join (): void {
    const cuts = [...this.cuts.values()]
    this.cuts.clear()
    for (const [oneId, otherId] of cuts) {
      const [one, other] = [this.members.get(oneId), this.members.get(otherId)]
      if (one === undefined || other === undefined) continue
      one.reconnect(other)
      other.reconnect(one)
    }
  }
}
