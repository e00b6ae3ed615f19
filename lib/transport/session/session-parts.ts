import { unsendableResult } from '../../errors'
import { encodeError, type EncodedReply } from '../messages/reply'
import type { IncomingCall, ReplyHandler, Request } from '../transport'
import { ContractExchange } from './contracts/contract-exchange'
import { CONTRACTS, SUBSCRIBE } from './control'
import { lengthOfReply } from './message-body'
import type { PeerSessionOptions } from './peer-session-options'
import { ServedCalls, type RequestId } from './served-calls'
import { Subscriber } from './subscriber'
import type { EventSource, PeerSubscriptions } from './events/subscriptions-options'
import { subscriptionsTo } from './siblings/session-subscriptions'

/** The id of messages that need none. */
export const NO_ID = 0

/** Characters of a reply that is sent although much waits for the peer: answers to what nodes ask have fewer mostly. */
const SMALL_REPLY = 4_096

/** Takes the place of larger ones. */
const UNSENT_REPLY = encodeError(
  unsendableResult({ path: '', method: '' }, 'too much waits for this caller'), undefined,
  { decodesValues: true, maxBytes: 4 * SMALL_REPLY }
)

/** The request for the contracts of a peer; it tells that this node reads the clock in answers. */
export const CONTRACTS_REQUEST = { method: CONTRACTS, data: { readsClock: true } }

/** The part of a session that the peer subscribes to. */
export function subscriberOf (options: PeerSessionOptions): Subscriber {
  const { host, peer, isBehind, send, subscribers, onSubscribed } = options
  return new Subscriber({
    key: host.key,
    caller: () => peer,
    subscribers,
    onSubscribed,
    isBehind,
    send: event => send('event', NO_ID, event),
    onDropped: () => host.onRejected?.('droppedEvents', peer.address)
  })
}

/** The part of a session that fetches the contracts of the peer, which joins the mesh by them. */
export function contractsOf (
  { host, peer }: PeerSessionOptions, request: (handler: ReplyHandler) => void, onJoined: () => void
): ContractExchange {
  const { node, key, address } = peer
  return new ContractExchange({
    peerId: node,
    key,
    address: () => address,
    host,
    request,
    onContracts: joined => {
      host.joined(joined)
      onJoined()
    },
    onOtherNode: () => host.onRejected?.('malformedFrame', address, 'contracts of another node'),
    onUnreadable: () => host.onRejected?.('malformedFrame', address, 'an answer without contracts'),
    onFailure: () => false
  })
}

/** A request that a node makes of its own accord. */
export type OwnRequest = Pick<Request, 'method' | 'data' | 'params'>

/** Takes an answer that nobody waits for. */
export const IGNORED: ReplyHandler = { settle: () => {}, fail: () => {} }

/** The part of a session that subscribes to the events of the peer. @param source - what the events come by */
export function subscriptionsOf (
  { host, interest, isReturning, kept, peer }: PeerSessionOptions, source: EventSource,
  request: (own: OwnRequest, handler: ReplyHandler) => void
): PeerSubscriptions {
  return subscriptionsTo(host, peer.node, {
    key: peer.key,
    interest,
    isReturning,
    kept,
    source: () => source,
    send: (_source, data, params, { settle, fail }) => {
      request({ method: SUBSCRIBE, data, params: { ...params } }, {
        settle: (error, answer) => error === null ? settle(answer) : fail(),
        fail
      })
    },
    onEvent: message => host.receive(message),
    onGroupsUnknown: path => host.groupsUnknown?.(peer.node, path)
  })
}

/**
 * The part of a session that serves the requests of the peer.
 *
 * @param serve - takes one
 * @param send - sends a reply; an error in its place where it is large, and the peer does not read what it gets
 */
export function servedCallsOf (
  { host, maxMessageSize, maxInFlight, isBehind, isUnread = isBehind, onIdle, peer }: PeerSessionOptions,
  serve: (call: IncomingCall) => void, send: (id: RequestId, reply: EncodedReply) => void
): ServedCalls {
  return new ServedCalls({
    maxMessageSize,
    maxInFlight,
    serve,
    send: (id, reply) => {
      // A peer that sends requests and reads no replies must not fill the memory. It waits for some reply, though.
      const isRefused = isUnread()
      if (isRefused) host.onRejected?.('unreadReplies', peer.address)
      send(id, isRefused && lengthOfReply(reply) > SMALL_REPLY ? UNSENT_REPLY : reply)
      onIdle()
    },
    onRejected: host.onRejected ?? (() => {})
  }, true)
}
