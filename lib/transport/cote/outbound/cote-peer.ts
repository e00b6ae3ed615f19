import type { OnRejected } from '../../rejections'
import type { WantedLists } from '../../session/contracts/wanted-lists'
import type { PathInterest } from '../../session/events/interest'
import type { KeptSubscriptions } from '../../session/events/subscriptions-options'
import type { LeaveReason, ReplyHandler, Request } from '../../transport'
import type { ConnectionLimits } from '../cote-options'
import type { Security } from '../security/security'
import type { ConnectionSettings } from '../wire/connection'
import type { UnreachablePeers } from './unreachable-peers'

/** Another node, of feathers-mesh or of feathers-distributed. */
export interface CotePeer {
  readonly id: string
  readonly key: string
  /** Sends a request, and returns the id to cancel it by. */
  request (request: Request, handler: ReplyHandler): number
  /** Gives a request up. */
  cancel (requestId: number): void
  /** Tells the peer which of its events this node wants, if that changed. */
  syncSubscriptions (): void
  /** Resolves when the peer has answered what it was told of them. */
  settled? (): Promise<void>
  /** A hello told the clock of the peer. */
  readClock? (now: number): void
  /**
   * Looks for connections that are dead without having ended; called about once a second while this peer has some.
   * Returns whether it has any left.
   */
  checkAlive? (): boolean
  /**
   * Looks for a peer that is silent while requests wait: they may leave it. Called more often than that, while this
   * peer has connections.
   */
  checkSilence? (): void
  /**
   * Closes a connection that nothing used for a while.
   *
   * @param now - as `performance.now()` gives it
   */
  closeIdle (now: number): void
  /** The peer is gone for this node. After a goodbye, calls under way may still end well. */
  leave (reason: LeaveReason): void
  /** Resolves when nothing more comes of the peer, which has left. */
  depart (): Promise<void>
  /** Looks for a peer that left and never ends; called about once a second, while there are such peers. */
  checkDeparture? (): void
  /** What is to be kept of a peer that was lost. */
  readonly kept?: KeptSubscriptions
  /** Resolves when no call to the peer waits any more and nothing is open. */
  drain (): Promise<void>
  /** Closes everything now. */
  destroy (): void
}

/** What the peers of a node share. */
export interface PeersOptions extends ConnectionSettings, Pick<
  ConnectionLimits, 'connectTimeout' | 'idleTimeout' | 'maxBacklog' | 'maxEventRate'
> {
  readonly onRejected: OnRejected
  readonly security: Security
  /** The process, or its machine, has no more sockets. */
  readonly onShortage?: () => void
  /** Where peers are kept that can't be reached. */
  readonly unreachable?: UnreachablePeers
  /** The lists of contracts that this node wants. Without it, each peer is asked for its own. */
  readonly lists?: WantedLists
}

/** What each peer of a node works with. */
export interface PeerOptions {
  /** One object for all: there may be hundreds of peers, most of them without a connection. */
  readonly shared: PeersOptions
  /** Whether the peer was lost before: events may have been missed since. */
  readonly isReturning: boolean
  /** Whether it was here before and never answered: it has to answer before it joins. */
  readonly mustAnswer?: boolean
  /** What was kept of it then. */
  readonly kept?: KeptSubscriptions
  /** The paths whose events this node wants. */
  readonly interest: PathInterest
  readonly onLeave: (reason: LeaveReason) => void
  /** The peer is there, by its answer or by its hello: what it offers is known. */
  readonly onJoined?: () => void
  /** A connection to the peer is begun. */
  readonly onDial?: () => void
  /** The peer has answered on a connection. It may happen before it joins, or much later. */
  readonly onAnswer?: () => void
  /** Another node answers where the peer should be. */
  readonly onOtherNode?: (id: string) => void
  /** The peer can't be reached. @param address - host and port */
  readonly onUnreachable?: (address: string, reason: string) => void
}
