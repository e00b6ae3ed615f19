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
  const { method } = call.request
  switch (method) {
    case CONTRACTS:
      call.reply(null, contractsReply(host, revision))
      return true
    case SUBSCRIBE:
      subscribe(call, host, from)
      return true
    case PING:
      call.reply(null, from.subscriber.answer)
      return true
    default:
      return false
  }
}

function subscribe (call: IncomingCall, host: TransportHost, { caller, subscriber }: EventTarget): void {
  const { data, params } = call.request
  const fresh = subscriber.update(data, params)
  for (const path of fresh) host.subscribed?.(caller, path)
  call.reply(null, subscriber.answerTo(fresh, (path, event) => host.audience?.(path, event)?.(caller) !== false))
}
