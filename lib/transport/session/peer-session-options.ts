import type { Caller } from '../../contract/contract'
import type { TransportHost } from '../transport'
import type { PathInterest } from './events/interest'
import type { RequestId } from './served-calls'
import type { Subscribers } from './events/subscribers'
import type { KeptSubscriptions } from './events/subscriptions-options'

/**
 * What a message of a session with a peer is: a request, its reply, the end of a request that its caller gave up, an
 * event, another revision of the sender's contracts, that a node which leaves gets no more requests of the sender, or
 * that the sender has left: how many events there were.
 */
export type SessionMessage = 'request' | 'reply' | 'cancel' | 'event' | 'revision' | 'done' | 'end'

/** What a session with a peer needs of its transport. */
export interface PeerSessionOptions {
  readonly host: TransportHost
  /** The peer; its node and key are those that the transport knows it by. */
  readonly peer: Caller & { readonly node: string, readonly key: string }
  /** Whether the peer was lost before: events may have been missed since. */
  readonly isReturning: boolean
  /** What the session that was lost had to keep: the number of missed events is known then. */
  readonly kept?: KeptSubscriptions
  /** The subscribers of all sessions of this node, also of lost ones: a peer that returns goes on where it was. */
  readonly subscribers?: Subscribers
  /** The paths whose events this node wants of any peer. */
  readonly interest: PathInterest
  /** A message has fewer bytes than this. */
  readonly maxMessageSize: number
  /** How many requests of the peer are served at a time. */
  readonly maxInFlight: number
  /** The revision of this node's contracts. */
  readonly revision: () => number
  /** Whether too much waits to leave for the peer: requests fail then, events are dropped and counted. */
  readonly isBehind: () => boolean
  /**
   * Whether the peer does not read what it gets: large replies become errors then, and are counted.
   *
   * @default isBehind
   */
  readonly isUnread?: () => boolean
  /** Sends a message to the peer; id and body are plain data. Messages arrive in order, or the peer is lost. */
  readonly send: (kind: SessionMessage, id: RequestId, body?: unknown) => void
  /** The peer subscribed to other paths than before. */
  readonly onSubscribed?: () => void
  /** Something has ended, so that a node that leaves may be done. */
  readonly onIdle: () => void
}
