import type { Contract } from '../../../contract/contract'
import type { Siblings } from '../../siblings'
import type { PathInterest } from '../events/interest'
import type { EventSource, KeptSubscriptions, SubscriptionsOptions } from '../events/subscriptions-options'
import { MovingSubscriptions } from './moving-subscriptions'

/** A session with the peer, by one of the transports. */
export interface SessionOfPeer {
  readonly options: SubscriptionsOptions
  readonly siblings: Siblings
  /** What the peer offers, as this session knows it. */
  readonly contracts: readonly Contract[]
  /** Whether it takes subscriptions. */
  readonly isUsable: boolean
  /** Whether it is with somebody else, who has the id of the peer. */
  readonly isImpostor: boolean
  /** Whether what brought its events was lost, and it has not been in touch since. */
  readonly isDown: boolean
  /** It brings no events of the peer. */
  expel (): void
}

/** The events of one peer that is reached by several transports: they come by one of them at a time. */
export class EventsOfPeer {
  readonly subscriptions: MovingSubscriptions
  private readonly sessions: SessionOfPeer[]
  /** The session that each source belongs to. */
  private readonly owners = new WeakMap<EventSource, SessionOfPeer>()
  /** What a session gave last. */
  private readonly latest = new WeakMap<SessionOfPeer, EventSource>()
  /** The one that was there last, where there is none. */
  private last: SessionOfPeer
  /** The one that loses a source just now. */
  private closing: SessionOfPeer | undefined

  /**
   * @param first - the session that the peer is met by
   * @param kept - what is known of the events of the peer
   */
  constructor (first: SessionOfPeer, kept: KeptSubscriptions | undefined) {
    this.last = first
    this.sessions = [first]
    const { options } = first
    this.subscriptions = new MovingSubscriptions({
      key: options.key,
      interest: this.interest,
      isReturning: options.isReturning || kept !== undefined,
      kept: kept ?? options.kept,
      source: () => this.source(),
      send: (source, paths, params, handler) => this.ownerOf(source).options.send(source, paths, params, handler),
      onEvent: message => this.last.options.onEvent(message),
      onGroupsUnknown: path => this.last.options.onGroupsUnknown?.(path),
      onReleased: source => this.release(source)
    }, () => this.sessions.some(session => session !== this.closing && session.isUsable))
  }

  /** Whether no session is left. */
  get isOver (): boolean {
    return this.sessions.length === 0
  }

  /** Whether a session brought the events until now that is not with this peer: somebody else has the same id. */
  get hasImpostor (): boolean {
    return this.sessions.some(({ isImpostor }) => isImpostor)
  }

  /** No session is with this peer any more, for another one has its id. */
  expel (): void {
    for (const session of this.sessions.splice(0)) session.expel()
  }

  /** Nothing more comes by a source of a session: what it was to bring comes by another one, where there is one. */
  close (session: SessionOfPeer, source: EventSource): void {
    this.closing = session
    this.subscriptions.close(source)
    this.closing = undefined
  }

  /** A session takes subscriptions, or was in touch with the peer. */
  enter (session: SessionOfPeer): void {
    if (this.sessions.includes(session)) return
    this.sessions.push(session)
    this.sessions.sort((one, other) => one.siblings.place - other.siblings.place)
  }

  /** The session by which events come, or should. */
  get first (): SessionOfPeer | undefined {
    return this.sessions.find(({ isUsable, isDown }) => isUsable && !isDown) ?? this.usable
  }

  /** Whether a session brings events, or is about to. */
  isBy (session: SessionOfPeer): boolean {
    return this.subscriptions.uses(source => this.owners.get(source) === session)
  }

  /** Sends the peer what this node wants, by the first session that there is. */
  sync (): void {
    const { first } = this
    if (first === undefined) return this.subscriptions.giveUp()
    this.last = first
    this.subscriptions.sync(first.contracts)
  }

  /** Forgets the sessions that are over and bring no more events. */
  tidy (): void {
    for (const session of [...this.sessions]) {
      if (session.isUsable || this.isBy(session)) continue
      this.sessions.splice(this.sessions.indexOf(session), 1)
    }
  }

  private get usable (): SessionOfPeer | undefined {
    return this.sessions.find(({ isUsable }) => isUsable)
  }

  /** What the transports want is the same, and the first is told first. */
  private get interest (): PathInterest {
    return {
      has: path => this.last.options.interest.has(path),
      groupsOf: (path, key) => this.last.options.interest.groupsOf?.(path, key) ?? [],
      since: path => this.last.options.interest.since?.(path)
    }
  }

  private source (): EventSource {
    const session = this.first ?? this.last
    const source = session.options.source()
    this.owners.set(source, session)
    this.latest.set(session, source)
    return source
  }

  private ownerOf (source: EventSource): SessionOfPeer {
    return this.owners.get(source) ?? this.last
  }

  /** A source that calls go by as well stays, where only the events have moved on. */
  private release (source: EventSource): void {
    const owner = this.owners.get(source)
    if (owner === undefined || (owner.isUsable && this.latest.get(owner) === source)) return
    owner.options.onReleased?.(source)
  }
}
