import type { IncomingCall, TransportHost } from '../transport'
import { contractsReply, listsReply } from './contracts/contract-exchange'
import type { ClockAlarm } from './clocks/clock-alarm'
import type { KnownLists } from './contracts/known-lists'
import { clockOf, CONTRACTS, INSPECT, PING, SUBSCRIBE } from './control'
import type { EventTarget } from './events/publish'
import type { SubscriberAnswer } from './events/event-counts'

/** A peer that asks: it may subscribe to events, and prove which time of this node's clock it has read. */
export interface ControlSource extends EventTarget {
  readonly alarm: ClockAlarm
}

/** What this node tells of its contracts. */
export interface OwnOffer {
  /** Counts their changes. */
  readonly revision: number
  /** The lists of contracts that this node hands on; without them, it tells of its own contracts alone. */
  readonly lists?: KnownLists
}

/**
 * Answers a request that a node makes of its own accord: for contracts, for events, for a sign of life, or for what
 * this node measured. All answers but the last tell the clock.
 *
 * @param from - the peer that sent it
 * @returns whether it was one; if not, a service has to answer
 * @throws {@link MalformedMessage} for more paths than a peer may have
 */
export function answerControl (
  call: IncomingCall, host: TransportHost, offer: OwnOffer, from: ControlSource
): boolean {
  const { method, data } = call.request
  switch (method) {
    case CONTRACTS:
      call.reply(null, offerOf(host, offer, data))
      return true
    case SUBSCRIBE:
      subscribe(call, host, from)
      return true
    case PING:
      from.alarm.prove(data)
      call.reply(null, withClock(from.subscriber.answer, host))
      return true
    case INSPECT:
      host.inspect?.(call)
      return host.inspect !== undefined
    default:
      return false
  }
}

function subscribe (call: IncomingCall, host: TransportHost, { caller, subscriber }: EventTarget): void {
  const { data, params } = call.request
  const fresh = subscriber.update(data, params)
  for (const path of fresh) host.subscribed?.(caller, path)
  const answer = subscriber.answerTo(fresh, (path, event) => host.audience?.(path, event)?.(caller) !== false)
  call.reply(null, withClock(answer, host))
}

function offerOf (host: TransportHost, { revision, lists }: OwnOffer, data: unknown): object {
  const reply = lists === undefined ? undefined : listsReply(host, revision, data, lists)
  return reply ?? contractsReply(host, revision)
}

/** Without counts, the clock is all that there is to say. */
function withClock (answer: SubscriberAnswer, host: TransportHost): object {
  return answer === true ? clockOf(host) : { ...answer, ...clockOf(host) }
}
