import { randomUUID } from 'node:crypto'
import type { Caller } from '../../../contract/contract'
import type { EventGroup, GroupChoice } from '../../event-groups'
import type { Audience, EventMessage, TransportHost } from '../../transport'
import type { EncodedValue } from '../../values/encode-value'
import { GroupIndex } from './group-index'
import { audienceOf, publish, type EventTarget, type PathSubscribers } from './publish'
import { PublishedEvents } from './published-events'
import type { OtherSubscribers, Subscriber } from '../subscriber'

/** How long the events of a subscriber are counted after its connection was lost. */
const PARTED_MS = 60_000
/**
 * How many lost subscribers are counted on, and how many paths and characters of paths they have in all: peers choose
 * the paths. The longest gone give way.
 */
const MAX_PARTED = 1_000
const MAX_PARTED_PATHS = 100_000
const MAX_PARTED_LENGTH = 5_000_000

interface Parted {
  readonly target: EventTarget
  readonly timer: NodeJS.Timeout
  /** The characters of its paths. */
  readonly length: number
}

/**
 * The subscribers of a node by their tokens. A peer that gives the token of an earlier connection goes on where that
 * one ended: without a second copy of an event if both connections live, and with the exact number of events that it
 * missed if the earlier one was lost.
 */
export class Subscribers implements OtherSubscribers {
  private readonly byToken = new Map<string, Subscriber>()
  private readonly lost = new Map<Subscriber, Parted>()
  private partedPaths = 0
  private partedLength = 0
  /** How many transports of one node use it; none where it was made for one. */
  private users = 0
  /** What was published last: the transports of one node publish an event one after another, and it counts once. */
  private latest: EventMessage | undefined
  /** All that the node has published. */
  readonly published = new PublishedEvents()
  /** The groups that subscribers are in. */
  readonly groups = new GroupIndex(this.published)

  /**
   * Sends an event to the peers that subscribed to its path and may hear it, as {@link publish} does, and counts it for
   * those whose connection was lost.
   *
   * @param targets - the peers with a connection
   * @param reach - which peers may hear it, and which members of groups get it
   * @returns what {@link publish} returns
   * @throws what {@link publish} throws
   */
  publish (
    message: EventMessage, targets: Iterable<EventTarget> | PathSubscribers, reach: Audience | GroupChoice | undefined,
    maxMessageSize: number
  ): EncodedValue | undefined {
    const encoded = publish(message, targets, reach, maxMessageSize)
    if (this.isShared && message === this.latest) return encoded
    this.latest = message
    const audience = audienceOf(reach)
    // They are sent nothing, so nothing is encoded for them.
    for (const { target: { caller, subscriber } } of this.lost.values()) {
      const events = subscriber.eventsOf(message.path)
      if (events?.isPlain === true && audience?.(caller) !== false) events.count++
    }
    if (typeof reach === 'object') this.groups.settle(message, reach)
    this.published.add(message.path, message.event)
    return encoded
  }

  /** Gives a subscriber its token. */
  add (subscriber: Subscriber): string {
    const token = randomUUID()
    this.byToken.set(token, subscriber)
    return token
  }

  /** Gives the subscriber with a token to the one that follows it; undefined if there is none. */
  take (token: string, by: Caller): Subscriber | undefined {
    const subscriber = this.byToken.get(token)
    if (subscriber === undefined || !mayFollow(subscriber.caller, by)) return undefined
    this.forget(subscriber)
    return subscriber
  }

  /**
   * The connection of a subscriber was lost: its events are counted on for a while, if it asked for counts.
   *
   * @returns the groups of which it was given events, which may be lost
   */
  part ({ caller, subscriber }: EventTarget): readonly EventGroup[] {
    const { token } = subscriber
    const served = this.groups.lose(subscriber)
    if (token === undefined || subscriber.isParted) return served
    subscriber.part()
    if (subscriber.size === 0 || subscriber.size > MAX_PARTED_PATHS) this.forget(subscriber)
    else this.countOn({ caller, subscriber })
    return served
  }

  /** A transport uses it as well. Each of them clears it when it ends. */
  use (): void {
    this.users++
  }

  /** Nothing is counted any more. */
  clear (): void {
    if (this.users > 0) this.users--
    if (this.users > 0) return
    for (const { timer } of this.lost.values()) clearTimeout(timer)
    this.lost.clear()
    this.byToken.clear()
    this.groups.clear()
    this.partedPaths = this.partedLength = 0
  }

  private countOn (target: EventTarget): void {
    const { subscriber, subscriber: { size, length } } = target
    const timer = setTimeout(() => this.forget(subscriber), PARTED_MS).unref()
    this.lost.set(subscriber, { target, timer, length })
    this.groups.park(subscriber)
    this.partedPaths += size
    this.partedLength += length
    for (const oldest of this.lost.keys()) {
      if (this.hasRoom) break
      this.forget(oldest)
    }
  }

  private get isShared (): boolean {
    return this.users > 0
  }

  private get hasRoom (): boolean {
    if (this.lost.size > MAX_PARTED || this.partedPaths > MAX_PARTED_PATHS) return false
    return this.partedLength <= MAX_PARTED_LENGTH
  }

  private forget (subscriber: Subscriber): void {
    if (subscriber.token !== undefined) this.byToken.delete(subscriber.token)
    const parted = this.lost.get(subscriber)
    if (parted === undefined) return
    clearTimeout(parted.timer)
    this.lost.delete(subscriber)
    this.groups.unpark(subscriber)
    this.partedPaths -= subscriber.size
    this.partedLength -= parted.length
  }
}

/** The subscribers of a node: all of its transports have the same ones. */
export function subscribersOf ({ siblings }: Pick<TransportHost, 'siblings'>): Subscribers {
  if (siblings === undefined) return new Subscribers()
  const shared = siblings.common(Subscribers)
  shared.use()
  return shared
}

/** Whether a peer may take the subscription of an earlier connection over: it has proven no less than that. */
function mayFollow (earlier: Caller, later: Caller): boolean {
  return !earlier.proven || (later.proven && later.key === earlier.key)
}
