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
