import type { LeaveReason, ReplyHandler, Request } from '../../transport'
import type { OnRejected } from '../../rejections'
import type { Security } from '../security/security'

/** Another node, whichever kind of node it is. */
export interface CotePeer {
  readonly id: string
  request (request: Request, handler: ReplyHandler): number
  cancel (requestId: number): void
  /** Follows the events that this node wants now. */
  syncSubscriptions (): void
  /** Looks for connections that are dead without having ended; called about once a second. */
  checkAlive? (): void
  /** Closes a connection that nothing used for a while. */
  closeIdle (now: number): void
  /** The peer is gone for this node; after a goodbye, calls under way may still end well. */
  leave (reason: LeaveReason): void
  /** Resolves when no call to the peer waits any more and nothing is open. */
  drain (): Promise<void>
  /** Closes everything now. */
  destroy (): void
}

/** What every peer of a node works with. */
export interface PeerOptions {
  readonly connectTimeout: number
  /** Milliseconds without use after which a connection is closed. */
  readonly idleTimeout: number
  readonly maxMessageSize: number
  /** Bytes that may wait to leave for the peer. */
  readonly maxBacklog: number
  /** Events a second that are taken from one peer. */
  readonly maxEventRate: number
  readonly onRejected: OnRejected
  readonly security: Security
  /** Whether the peer was lost before: events may have been missed since. */
  readonly isReturning: boolean
  /** The paths whose events this node wants. */
  readonly interest: ReadonlySet<string>
  readonly onLeave: (reason: LeaveReason) => void
}
