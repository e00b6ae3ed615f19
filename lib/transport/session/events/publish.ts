import type { Caller } from '../../../contract/contract'
import type { GroupChoice } from '../../event-groups'
import { bytesOfGroups, encodeEvent, encodeForGroups } from '../../messages/event'
import type { Audience, EventMessage } from '../../transport'
import type { EncodedValue } from '../../values/encode-value'
import type { Subscriber } from '../subscriber'

/** A peer that may subscribe to events: its connection knows who it is. */
export interface EventTarget {
  readonly caller: Caller
  readonly subscriber: Subscriber
}

/**
 * Sends an event to the peers that subscribed to its path and may hear it. It is encoded once for all of them, and
 * not at all without subscribers.
 *
 * @param reach - which peers may hear it, all without it; or which members of groups get it as well
 * @returns the event as all got it that were chosen for no group, if there was any peer to encode it for
 * @throws {@link UnsendableValue}, or RangeError, for an event that no peer can be sent
 */
export function publish (
  message: EventMessage, targets: Iterable<EventTarget>, reach: Audience | GroupChoice | undefined,
  maxMessageSize: number
): EncodedValue | undefined {
  const { path } = message
  const choice = typeof reach === 'object' ? reach : undefined
  const audience = audienceOf(reach)
  let encoded: EncodedValue | undefined
  for (const target of targets) {
    const { subscriber } = target
    const events = subscriber.eventsOf(path)
    if (events === undefined || audience?.(target.caller) === false) continue
    const groups = choice === undefined ? undefined : groupsOf(choice, target.caller)
    if (groups === undefined && !events.isPlain) continue
    // All get it, or nobody: it is too long if it is for one of them.
    encoded ??= encodeEvent(message, maxMessageSize - (choice === undefined ? 0 : bytesOfGroups(choice.byNode)))
    subscriber.send(events, groups === undefined ? encoded : encodeForGroups(message, encoded, groups, events.isPlain))
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
