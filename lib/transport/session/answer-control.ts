import type { IncomingCall, TransportHost } from '../transport'
import { contractsReply } from './contract-exchange'
import type { ClockAlarm } from './clocks/clock-alarm'
import { clockOf, CONTRACTS, PING, SUBSCRIBE } from './control'
import type { EventTarget } from './subscriber'

/** A peer that asks: it may subscribe to events, and prove which time of this node's clock it has read. */
export interface ControlSource extends EventTarget {
  readonly alarm: ClockAlarm
}

/**
 * Answers a request that a node makes of its own accord: for contracts, for events, or for a sign of life. All answers
 * tell the clock.
 *
 * @param revision - that of this node's contracts
 * @param from - the peer that sent it
 * @returns whether it was one; if not, a service has to answer
 * @throws {@link MalformedMessage} for more paths than a peer may have
 */
export function answerControl (
  call: IncomingCall, host: TransportHost, revision: number, from: ControlSource
): boolean {
  const { method, data } = call.request
  switch (method) {
    case CONTRACTS:
      call.reply(null, contractsReply(host, revision))
      return true
    case SUBSCRIBE:
      for (const path of from.subscriber.update(data)) host.subscribed?.(from.caller, path)
      call.reply(null, clockOf(host))
      return true
    case PING:
      from.alarm.prove(data)
      call.reply(null, clockOf(host))
      return true
    default:
      return false
  }
}
