import type { Caller } from '../../../contract/contract'
import type { GroupChoice } from '../../event-groups'
import { bytesOfGroups, encodeEvent, encodeForGroups } from '../../messages/event'
import type { Audience, EventMessage } from '../../transport'
import type { EncodedValue } from '../../values/encode-value'
import type { Subscriber } from '../subscriber'
import type { PathEvents } from './path-events'

/** A peer that may subscribe to events: its connection knows who it is. */
export interface EventTarget {
  readonly caller: Caller
  readonly subscriber: Subscriber
}

/** A peer that subscribed to a path, and what is counted for it. */
export interface PathSubscriber<T extends EventTarget = EventTarget> {
  readonly target: T
  readonly events: PathEvents
}

/** The peers of a path. */
interface PeersOfPath<T extends EventTarget> {
  readonly subscribers: ReadonlyArray<PathSubscriber<T>>
  /** Those whose subscription another connection has taken over, and that may not know it yet. */
  readonly moved: readonly T[]
}

/**
 * The peers of one transport by the paths that they subscribed to. They are looked for among all peers only where a
 * subscription has changed since, so that an event takes the time of its subscribers, however many peers there are.
 */
export class PathSubscribers<T extends EventTarget = EventTarget> {
  /** Of the paths of which this node has published something: its own services, whatever peers ask for. */
  private readonly byPath = new Map<string, PeersOfPath<T>>()

  /** @param targets - all peers, in an order that stays */
  constructor (private readonly targets: () => Iterable<T>) {}

  /** Those that subscribed to a path, in the order of all peers. */
  of (path: string): ReadonlyArray<PathSubscriber<T>> {
    return this.peersOf(path).subscribers
  }

  /** Those whose subscription to a path has moved to another connection. */
  movedFrom (path: string): readonly T[] {
    return this.peersOf(path).moved
  }

  /** A subscription has changed, or its peer is gone. */
  forget (): void {
    if (this.byPath.size > 0) this.byPath.clear()
  }

  private peersOf (path: string): PeersOfPath<T> {
    const known = this.byPath.get(path)
    if (known !== undefined) return known
    const targets = [...this.targets()]
    const subscribers = [...subscribersAmong(targets, path)]
    const moved = targets.filter(({ subscriber }) => subscriber.hasMoved(path))
    const found = { subscribers, moved }
    this.byPath.set(path, found)
    return found
  }
}

function * subscribersAmong<T extends EventTarget> (targets: Iterable<T>, path: string): Iterable<PathSubscriber<T>> {
  for (const target of targets) {
    const events = target.subscriber.eventsOf(path)
    if (events !== undefined) yield { target, events }
  }
}

/**
 * Sends an event to the peers that subscribed to its path and may hear it. It is encoded once for all of them, and
 * not at all without subscribers.
 *
 * @param targets - all peers; {@link PathSubscribers} where they are many
 * @param reach - which peers may hear it, all without it; or which members of groups get it as well
 * @returns the event as all got it that were chosen for no group, if there was any peer to encode it for
 * @throws {@link UnsendableValue}, or RangeError, for an event that no peer can be sent
 */
export function publish (
  message: EventMessage, targets: Iterable<EventTarget> | PathSubscribers, reach: Audience | GroupChoice | undefined,
  maxMessageSize: number
): EncodedValue | undefined {
  const { path } = message
  const subscribers = targets instanceof PathSubscribers ? targets.of(path) : subscribersAmong(targets, path)
  const choice = typeof reach === 'object' ? reach : undefined
  const audience = audienceOf(reach)
  let encoded: EncodedValue | undefined
  for (const { target, events } of subscribers) {
    if (audience?.(target.caller) === false) continue
    const groups = choice === undefined ? undefined : groupsOf(choice, target.caller)
    if (groups === undefined && !events.isPlain) continue
    // All get it, or nobody: it is too long if it is for one of them.
    encoded ??= encodeEvent(message, maxMessageSize - (choice === undefined ? 0 : bytesOfGroups(choice.byNode)))
    const event = groups === undefined ? encoded : encodeForGroups(message, encoded, groups, events.isPlain)
    target.subscriber.send(events, event)
  }
  return encoded
}

/** Which peers may hear an event. */
export function audienceOf (reach: Audience | GroupChoice | undefined): Audience | undefined {
  return typeof reach === 'object' ? reach.audience : reach
}

/** The groups that a peer is chosen for. */
function groupsOf ({ byNode }: GroupChoice, { node }: Caller): readonly string[] | undefined {
  return node === undefined ? undefined : byNode.get(node)
}
