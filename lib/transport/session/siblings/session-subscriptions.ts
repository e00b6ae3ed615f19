import type { Contract } from '../../../contract/contract'
import { RecentMap } from '../../../collections/recent-map'
import type { Siblings } from '../../siblings'
import type { EventMessage, TransportHost } from '../../transport'
import { HeardEvents } from '../events/event-counts'
import type {
  EventSource, KeptSubscriptions, PeerSubscriptions, SubscriptionsOptions
} from '../events/subscriptions-options'
import { Subscriptions } from '../subscriptions'
import { EventsOfPeer, type SessionOfPeer } from './events-of-peer'

/** How many lost peers are remembered, the last ones. */
const MAX_LOST = 1_000

/** The subscriptions to a peer, for a session by one transport; other transports may have a session with it as well. */
export function subscriptionsTo (
  host: Pick<TransportHost, 'siblings'>, peerId: string, options: SubscriptionsOptions
): PeerSubscriptions {
  const { siblings } = host
  return siblings === undefined ? new Subscriptions(options) : new SessionSubscriptions(siblings, peerId, options)
}

/** The events of all peers, for all transports of a node. */
class EventsOfPeers {
  private readonly byPeer = new Map<string, EventsOfPeer>()
  private readonly lost = new RecentMap<string, KeptSubscriptions>(MAX_LOST)

  /** The events of the peer that a session is with. */
  enter (peerId: string, session: SessionOfPeer): EventsOfPeer {
    const known = this.byPeer.get(peerId)
    if (known?.hasImpostor === true) known.expel()
    else if (known !== undefined) {
      known.enter(session)
      return known
    }
    const made = new EventsOfPeer(session, known === undefined ? this.lost.get(peerId) : undefined)
    this.lost.delete(peerId)
    this.byPeer.set(peerId, made)
    return made
  }

  /** Some session may be over. */
  tidy (peerId: string, events: EventsOfPeer): void {
    events.tidy()
    if (!events.isOver || this.byPeer.get(peerId) !== events) return
    this.byPeer.delete(peerId)
    if (events.subscriptions.mayMiss) this.lost.set(peerId, events.subscriptions.kept)
  }
}

/** What one of several sessions with a peer has of its subscriptions. */
class SessionSubscriptions implements PeerSubscriptions, SessionOfPeer {
  contracts: readonly Contract[] = []
  isDown = false
  private events: EventsOfPeer | undefined
  private hasLeft = false
  private readonly all: EventsOfPeers

  constructor (readonly siblings: Siblings, private readonly peerId: string, readonly options: SubscriptionsOptions) {
    this.all = siblings.common(EventsOfPeers)
  }

  get isUsable (): boolean {
    return !this.hasLeft && this.siblings.isSame(this.peerId)
  }

  get isImpostor (): boolean {
    return !this.hasLeft && !this.siblings.isSame(this.peerId)
  }

  get isActive (): boolean {
    const { events } = this
    return events?.subscriptions.isActive === true && (events.first === this || events.isBy(this))
  }

  get kept (): KeptSubscriptions {
    return this.events?.subscriptions.kept ?? this.options.kept ?? { token: undefined, heard: new HeardEvents() }
  }

  get peerCounts (): boolean {
    return this.events?.subscriptions.peerCounts === true
  }

  isFedBy (source: EventSource): boolean {
    return this.events?.subscriptions.isFedBy(source) === true
  }

  sync (contracts: readonly Contract[]): void {
    this.contracts = contracts
    this.isDown = false
    if (!this.isUsable) return
    this.events ??= this.all.enter(this.peerId, this)
    this.events.sync()
  }

  retry (contracts: readonly Contract[]): void {
    this.contracts = contracts
    if (this.events?.first === this) this.events.subscriptions.retry(contracts)
  }

  async settled (): Promise<void> {
    await this.events?.subscriptions.settled()
  }

  receive (source: EventSource, message: EventMessage, bytes?: number): void {
    if (!this.isImpostor) this.events?.subscriptions.receive(source, message, bytes)
  }

  check (source: EventSource, answer: unknown): void {
    this.events?.subscriptions.check(source, answer)
  }

  finish (source: EventSource, answer: unknown): void {
    this.events?.subscriptions.finish(source, answer)
  }

  close (source: EventSource): void {
    const { events } = this
    if (events === undefined) return
    this.isDown ||= events.subscriptions.isFedBy(source)
    events.close(this, source)
    this.goOn(events)
  }

  leave (): void {
    const { events } = this
    this.hasLeft = true
    // Otherwise the end of what brings the events tells that nothing more comes.
    if (events !== undefined && !events.isBy(this)) this.goOn(events)
  }

  expel (): void {
    this.events = undefined
  }

  private goOn (events: EventsOfPeer): void {
    // A session that is the only one subscribes again as soon as it is in touch with the peer.
    if (events.first !== this) events.sync()
    this.all.tidy(this.peerId, events)
  }
}
