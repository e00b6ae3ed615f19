import { contain } from '../boundary'
import type { OnRejected } from '../rejections'
import type { EventPublisher } from './events/event-publisher'
import type { NatsPeer } from './nats-peer'
import { Departures } from './pieces/departures'
import { OrderedLane } from './pieces/ordered-lane'

/** Bytes that may be on their way to the server for pieces of long messages to follow. */
const AHEAD_BYTES = 512 * 1024

/** What an {@link Outflow} needs of its node. */
export interface OutflowOptions {
  readonly publisher: () => EventPublisher
  readonly onRejected: OnRejected
  /** Bytes that the server has not taken. */
  readonly waiting: () => number
  /** Characters that the server takes for sure in one message. */
  readonly maxLength: () => number
  /** No long message is left. */
  readonly onEmpty: () => void
}

/** What leaves this node at the end of a turn of the event loop, and what leaves in pieces. */
export class Outflow {
  readonly lane = new OrderedLane()
  readonly departures: Departures
  /** The peers for which something waits to leave, and those where it must do so before the next event. */
  private readonly waiting = new Set<NatsPeer>()
  private readonly ordered = new Set<NatsPeer>()
  private isFlushing = false

  constructor (private readonly options: OutflowOptions) {
    const { waiting, maxLength, onEmpty } = options
    this.departures = new Departures({ hasRoom: () => waiting() < AHEAD_BYTES, maxLength, onEmpty })
  }

  /** Whether no large message is left, and nothing waits behind one. */
  get isEmpty (): boolean {
    return this.departures.isEmpty && this.lane.isFree
  }

  /** Something waits in the outbox of a peer. */
  add (peer: NatsPeer): void {
    this.waiting.add(peer)
    this.flushLater()
  }

  /** What waits for a peer comes after all events so far, and before all that follow. */
  addOrdered (peer: NatsPeer): void {
    this.options.publisher().flush()
    this.ordered.add(peer)
  }

  flushLater (): void {
    if (this.isFlushing) return
    this.isFlushing = true
    setImmediate(() => contain(this.options.onRejected, 'nats', () => this.flush()))
  }

  /** Sends what has to come before the next event. */
  flushOrdered (): void {
    this.flushPeers(this.ordered)
  }

  /** The server has taken something, or a peer has read it: long messages may go on. */
  sendOn (): void {
    this.departures.sendOn()
  }

  /** Sends all that is left: the node leaves. */
  finish (): void {
    let waiting: number
    do {
      waiting = this.lane.waiting
      this.flush()
      this.departures.finish()
      // What waited for one large event may be another one, which leaves with the next flush.
    } while (!this.isEmpty && this.lane.waiting < waiting)
    this.flush()
  }

  /** The connection is lost: nothing that waits leaves any more. */
  drop (): void {
    this.waiting.clear()
    this.ordered.clear()
    this.options.publisher().drop()
    this.departures.clear()
    this.lane.clear()
  }

  /** Sends all that has gathered: events first, so that a caller hears those of its call before the reply. */
  private flush (): void {
    this.isFlushing = false
    this.flushOrdered()
    this.options.publisher().flush()
    this.flushPeers(this.waiting)
    this.ordered.clear()
  }

  private flushPeers (peers: Set<NatsPeer>): void {
    for (const peer of peers) {
      peers.delete(peer)
      peer.outbox.flush()
    }
  }
}
