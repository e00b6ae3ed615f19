import { RecentMap } from '../../collections/recent-map'
import type { KeptSubscriptions } from '../session/events/subscriptions-options'

/** How many lost peers are remembered, the last ones. */
const MAX_LOST = 1_000

/** A memory network of a node, by which events may come. */
export interface EventFeed {
  /** Whether it reaches a peer that stays. */
  canReach (peerId: string): boolean
  /** Subscribes to the events of a peer. */
  subscribeAt (peerId: string): void
}

/** By which of its memory networks a node gets the events of each peer: the first that reached it, while it does. */
export class EventFeeds {
  /** What is known of the events of each peer, also of lost ones: they may return. */
  readonly kept = new RecentMap<string, KeptSubscriptions>(MAX_LOST)
  private readonly byPeer = new Map<string, EventFeed>()
  private readonly all = new Set<EventFeed>()

  /** Whether events of a peer come by a network, from now on where they came by none. */
  takes (peerId: string, feed: EventFeed): boolean {
    this.all.add(feed)
    const taken = this.byPeer.get(peerId) ?? feed
    this.byPeer.set(peerId, taken)
    return taken === feed
  }

  /** The network that could bring the events of a peer instead. */
  otherThan (feed: EventFeed, peerId: string): EventFeed | undefined {
    return [...this.all].find(other => other !== feed && other.canReach(peerId))
  }

  /** A network does not reach a peer any more: another one may bring its events. */
  release (peerId: string, feed: EventFeed): void {
    if (this.byPeer.get(peerId) !== feed) return
    this.byPeer.delete(peerId)
    this.otherThan(feed, peerId)?.subscribeAt(peerId)
  }

  /** A network has brought all events of a peer that leaves it: another one may bring those that follow. */
  end (peerId: string, feed: EventFeed): void {
    if (this.byPeer.get(peerId) !== feed) return
    if (this.otherThan(feed, peerId) === undefined) this.kept.delete(peerId)
    this.release(peerId, feed)
  }

  /** A network has left, and brings nothing. */
  remove (feed: EventFeed): void {
    this.all.delete(feed)
    for (const [id, taken] of this.byPeer) if (taken === feed) this.byPeer.delete(id)
  }
}
