import type { IncomingCall, TransportHost } from '../transport'
import { contractsReply } from './contract-exchange'
import { CONTRACTS, PING, SUBSCRIBE } from './control'
import type { EventTarget } from './subscriber'

/**
 * Answers a request that a node makes of its own accord: for contracts, for events, or for a sign of life.
 *
 * @param revision - that of this node's contracts
 * @param from - the peer that sent it
 * @returns whether it was one; if not, a service has to answer
 * @throws {@link MalformedMessage} for more paths than a peer may have
 */
export function answerControl (call: IncomingCall, host: TransportHost, revision: number, from: EventTarget): boolean {
  const { method, data, params } = call.request
  switch (method) {
    case CONTRACTS:
      call.reply(null, contractsReply(host, revision))
      return true
    case SUBSCRIBE:
      for (const path of from.subscriber.update(data, params)) host.subscribed?.(from.caller, path)
      call.reply(null, from.subscriber.answer)
      return true
    case PING:
      call.reply(null, from.subscriber.answer)
      return true
    default:
      return false
  }
}
