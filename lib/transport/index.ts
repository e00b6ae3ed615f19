/**
 * For authors of transports: what moves requests, replies and events between nodes in another way. docs/transports.md
 * shows how to write one, and `transportConformance` of `feathers-mesh/testing` tests it.
 */

export {
  GAP, MalformedMessage, RequestRefused, TransportError, type Audience, type EventGap, type EventMessage,
  type IncomingCall, type LeaveReason, type Peer, type ReplyDetails, type ReplyHandler, type Request, type Transport,
  type TransportHost, type UnreachablePeer
} from './transport'
export {
  chooseMembers, type EventGroup, type GroupChoice, type GroupInterest, type GroupMember, type GroupMembers,
  type TransportGroups
} from './event-groups'
export {
  NotStored, type DeadLetter, type DeadLetters, type DurableGroup, type DurableGroupLag, type DurableMember,
  type EventStore, type LetterSelection, type OnStored, type OpenedLetter, type StartAt, type StoredEvent
} from './event-store'
export type { CallOutcome } from '../errors'
export type { LogFields, LogLimit, NodeLog } from '../log'
export type { LogCode } from '../log-codes'
export type { Caller, Contract, MethodContract } from '../contract/contract'
export type { OnRejected, RejectionReason } from './rejections'
export type { PeerProof, Siblings } from './siblings'
export type { Reach } from './reach'

// Values as text, and back.
export { encodeValue, type EncodedValue, type EncodeOptions } from './values/encode-value'
export { decodeValue, type DecodedValue } from './values/decode-value'
export { MalformedValue } from './values/errors'
export { UnsendableValue } from './values/errors'
export type { ErrorClasses } from './values/error-classes'

// What nodes send each other.
export { encodeEvent, gapEvent, readEvent } from './messages/event'

export { decodeReply, type EncodedReply } from './messages/reply'
export { encodeRequest, fromWireRequest } from './messages/request'

// What each connection keeps.
export type { ClockOfNode } from './node-clock'
export { ClockAlarm } from './session/clocks/clock-alarm'
export { PeerClock, type ClockQuestions } from './session/clocks/peer-clock'
export { Backoff } from './session/backoff'
export { contractsReply, ContractExchange, type ContractExchangeOptions } from './session/contracts/contract-exchange'
export { CALLER, CANCEL, CONTRACTS, PING, SUBSCRIBE, type ContractsReply, type Introduction } from './session/control'
export { Drain, within } from './drain'
export { Interest, type PathInterest } from './session/events/interest'
export { SessionGroups, type GroupSession } from './session/events/session-groups'
export { CallerIdentity } from './session/introduction'
export { OwnRequests } from './session/requests/own-requests'
export { PendingCalls } from './session/requests/pending-calls'
export { PeerSession } from './session/peer-session'
export type { PeerSessionOptions, SessionMessage } from './session/peer-session-options'
export { RateLimit, type Pausable } from './session/rate-limit'
export { ServedCalls, type RequestId, type ServedCallsOptions } from './session/served-calls'
export { PathSubscribers, publish, type EventTarget, type PathSubscriber } from './session/events/publish'
export { Subscriber, type SubscriberOptions } from './session/subscriber'
export { UnsentRequests } from './session/requests/unsent-requests'
export { Subscribers, subscribersOf } from './session/events/subscribers'
export type { KeptSubscriptions, SubscriptionsOptions } from './session/events/subscriptions-options'
export { Subscriptions } from './session/subscriptions'
