import type { Contract } from '../../../contract/contract'
import type { EventMessage } from '../../transport'
import type { HeardEvents } from './event-counts'
import type { PathInterest } from './interest'
import type { SubscribeHandler, SubscribeParams } from './subscribe-request'

/** What events of a peer come by: a connection, or whatever else has an end. */
export type EventSource = object

/** What {@link Subscriptions} needs of its peer. */
export interface SubscriptionsOptions {
  /** The key of the peer. */
  readonly key: string
  /** The paths whose events this node wants of any peer. */
  readonly interest: PathInterest
  /** What takes requests to the peer now. */
  readonly source: () => EventSource
  /** Sends the paths to the peer by that source; calls one of the handler's functions later. */
  readonly send: (
    source: EventSource, paths: readonly string[], params: SubscribeParams, handler: SubscribeHandler
  ) => void
  /** Takes the events, and the gaps between them. */
  readonly onEvent: (message: EventMessage) => void
  /** The peer knows no groups. @param path - that of one */
  readonly onGroupsUnknown?: (path: string) => void
  /** Nothing that comes by a source is needed any more. */
  readonly onReleased?: (source: EventSource) => void
  /** Whether the peer was lost before: events may have been missed since. */
  readonly isReturning: boolean
  /** What was known of the peer when it was lost, where that is known. */
  readonly kept?: KeptSubscriptions
}

/** What is kept of a lost peer, in case that it returns. */
export interface KeptSubscriptions {
  readonly token: string | undefined
  readonly heard: HeardEvents
}

/** What the session with a peer tells the subscriptions to its events, and asks them. */
export interface PeerSubscriptions {
  /** Whether the peer has events to send by this session. */
  readonly isActive: boolean
  /** What to keep when the peer is lost. */
  readonly kept: KeptSubscriptions
  /** Whether the peer told that it counts. */
  readonly peerCounts: boolean
  /** Whether events come by a source, or are about to. */
  isFedBy (source: EventSource): boolean
  /** Sends the peer what this node wants, if that or the source in use changed. */
  sync (contracts: readonly Contract[]): void
  /** Sends it once more if the peer did not get it. */
  retry (contracts: readonly Contract[]): void
  /** Resolves when the peer has answered what it was told, or did not get it. */
  settled (): Promise<void>
  /** An event came by a source. @param bytes - those that it had on the wire */
  receive (source: EventSource, message: EventMessage, bytes?: number): void
  /** The peer answered a sign of life, with its counts if it was asked for them. */
  check (source: EventSource, answer: unknown): void
  /** The peer leaves, and sends no more events by a source than it counts. */
  finish (source: EventSource, answer: unknown): void
  /** Nothing more comes by a source. */
  close (source: EventSource): void
  /** The session takes nothing new: the peer said goodbye, or is lost. */
  leave? (): void
}
