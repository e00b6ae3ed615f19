import type { Caller, Contract } from '../contract/contract'
import type { CallOutcome } from '../errors'
import type { NodeLog } from '../log'
import type { Audience, EventGroup, GroupChoice, TransportGroups } from './event-groups'
import type { EventMessage } from './event-message'
import type { EventStore } from './event-store'
import type { Reach } from './reach'
import type { OnRejected } from './rejections'
import type { PeerProof, Siblings } from './siblings'
import type { UnreachablePeer } from './unreachable-peer'
import type { ErrorClasses } from './values/error-classes'

/** A call as it travels. `id` and `data` are there where the method has them. */
export interface Request {
  readonly method: string
  /** The key of the node that is asked. */
  readonly key: string
  readonly path: string
  readonly id?: unknown
  readonly data?: unknown
  readonly params?: Readonly<Record<string, unknown>>
  /** When the caller stops waiting, by the mesh clock of the reader: it looks like milliseconds since 1970. */
  readonly deadline?: number
  /** Headers by which the host continues the trace of the caller. A peer sent them: they may hold anything. */
  readonly trace?: Readonly<Record<string, unknown>>
}

/**
 * What the hook context of the host tells the transports of Feathers, beside the result. Nodes that know nothing but
 * results neither send nor read it. A peer sent it: the fields may hold anything.
 */
export interface ReplyDetails {
  /** What outside clients get in place of the result. */
  readonly dispatch?: unknown
  /** Status, headers and location of an HTTP response. */
  readonly http?: unknown
}

/** A request of another node, and the way to answer it. */
export interface IncomingCall {
  readonly request: Request
  /** Who calls; undefined where the transport can't tell. */
  readonly caller?: Caller
  /** How much memory the request takes; undefined where the transport does not tell. */
  readonly bytes?: number
  /** Once it is answered: how many characters the answer has, where the transport tells. */
  readonly replyLength?: number
  /** Answers with an error or a value, and with what the host tells beside it. Called once, at any time. */
  reply (error: unknown, value?: unknown, details?: ReplyDetails): void
  /** Called when the caller gives the call up; set by the one who serves it. */
  onCancel?: () => void
}

/** Gets the one result of a request. */
export interface ReplyHandler {
  /** The other side answered: with an error, or with a value; and with details where it has some. */
  settle (error: unknown, value?: unknown, details?: ReplyDetails): void
  /** The transport failed. The error tells whether the other side may have run the call. */
  fail (error: TransportError): void
  /** When the request was made, by `performance.now()`: the transport need not read the clock again for each one. */
  readonly sentAt?: number
  /**
   * The peer has sent nothing for `silenceTimeout`, and answers no probe. It may be called again and again until the
   * request is settled, cancelled, or fails.
   */
  unanswered? (): void
}

/** A node as the transport sees it. */
export interface Peer {
  readonly id: string
  /** What people call the node; undefined where it does not tell. */
  readonly name?: string
  readonly key: string
  readonly contracts: readonly Contract[]
  /**
   * Whether only what it announced is known, and it has never answered this node: it may not be there. A transport that
   * says so sends it no call before it has answered: such a call fails as not sent.
   * @default false
   */
  readonly isUnproven?: boolean
  /** Whether it only looks at the mesh, as a command line does: it is no node that people count. @default false */
  readonly isObserver?: boolean
}

/** The event that notifies a listener of events that it missed. */
export const GAP = 'gap'

/** What a listener of {@link GAP} gets. */
export interface EventGap {
  /** How many events were missed; undefined where nobody can know, such as after a crash. */
  readonly missed?: number
  /** `slow`: this node did not keep up; `disconnected`: for a while there was no connection. */
  readonly reason: 'slow' | 'disconnected'
}

export type { Audience } from './event-groups'
export type { EventMessage } from './event-message'
export type { UnreachablePeer } from './unreachable-peer'

/**
 * Why a node is gone: it said goodbye, its connection broke, or nothing was heard of it. `disconnected`: a server
 * between both was lost, by this node or by the other one, which may be there still.
 */
export type LeaveReason = 'goodbye' | 'lost' | 'silent' | 'disconnected'

/** What a transport needs of its node, and what it notifies the node of. */
export interface TransportHost {
  readonly id: string
  /** What people call this node; peers learn it. */
  readonly name?: string
  readonly key: string
  /**
   * The mesh clock of this node, which never steps: `deadline` of the requests that it sends and serves is by this
   * clock. Tests of transports give nodes clocks of their own.
   * @default `performance.timeOrigin + performance.now()`
   */
  now? (): number
  /** The classes that errors of other nodes can be instances of. @default JavaScript's and those of Feathers */
  readonly errorClasses?: ErrorClasses
  /** Whether this node only looks at the mesh: peers learn it as {@link Peer.isObserver}. @default false */
  readonly isObserver?: boolean
  /** What this node offers now. */
  contracts (): readonly Contract[]
  /** A peer calls. */
  serve (call: IncomingCall): void
  /** An event of a service that this node subscribed to. */
  receive (message: EventMessage): void
  /** A peer came, or its contracts changed, or one that was {@link Peer.isUnproven} has answered. */
  joined (peer: Peer): void
  /**
   * Whether this node calls services of a peer. One that has never answered joins only when it has done so, if this
   * node needs it: calls must not wait for a node that is not there, and those that are there share the calls.
   * @default false
   */
  needs? (peer: Peer): boolean
  /**
   * Those contracts of a peer for which this node has room, beside those of all other peers. A transport that holds
   * contracts asks before it calls {@link joined}, and holds no others.
   * @default all
   */
  admit? (peerId: string, contracts: readonly Contract[]): readonly Contract[]
  /** A peer is gone. Events that it sent may still come until {@link ended}, and so may replies after a goodbye. */
  left (peerId: string, reason: LeaveReason): void
  /** Nothing more comes of a peer that left: all its events were received, or a gap was. */
  ended? (peerId: string): void
  /**
   * Which peers may hear an event of this node; undefined where all may. For a peer that has not said who it is, such
   * as a node of feathers-distributed, the caller has no node and no key.
   * @default all
   */
  audience? (path: string, event: string): Audience | undefined
  /**
   * A peer subscribed to the events of a path. {@link audience} tells which of them it may hear. It may be told again,
   * where the peer subscribes by another connection.
   */
  subscribed? (peer: Caller, path: string): void
  /** A member of these groups was lost, and perhaps events with it: all other members are to be told. */
  memberLost? (groups: readonly EventGroup[]): void
  /** A peer knows no groups, as an old node: listeners with a group hear no events of it. @param path - one of those */
  groupsUnknown? (peerId: string, path: string): void
  /**
   * Milliseconds without a byte from a peer after which requests to it are {@link ReplyHandler.unanswered}.
   * @default 3000
   */
  readonly silenceTimeout?: number
  /**
   * A peer asks what this node measured, by a request for `INSPECT` of the session. Without it, such requests are calls
   * as any other, which no service takes.
   */
  inspect? (question: IncomingCall): void
  /** The transport rejected something. A host that counts rejections has this. */
  readonly onRejected?: OnRejected
  /**
   * Where the transport tells people what happens: the log of its node, and so the logger of the program. A transport
   * of your own tells with the code `FEATHERS_MESH_TRANSPORT`.
   * @default the process
   */
  readonly log?: NodeLog
  /** The other transports of the node. @default it has none */
  readonly siblings?: Siblings
}

/**
 * Moves requests, replies and events between nodes, and notifies its node of peers that come and go.
 *
 * One object serves one node. It knows contracts and messages, and nothing of Feathers.
 */
export interface Transport {
  /** Joins the mesh; resolves when peers can reach this node. */
  start (host: TransportHost): Promise<void>
  /**
   * Notifies peers that `host.contracts()` changed. A transport whose peers learn of it at a known time may return a
   * promise of that, which settles soon: a node that starts waits for it, and fails where it is rejected.
   */
  announce (): Promise<void> | void
  /**
   * Sends a request to a peer; the handler is called once, later.
   *
   * @returns the id to cancel the request by
   * @throws what encoding throws when the request can't be encoded; the handler is not called then
   */
  request (peerId: string, request: Request, handler: ReplyHandler): number
  /**
   * Gives a request up: its handler is not called any more. A request that was not sent yet is never sent; the peer
   * stops one that was.
   */
  cancel (peerId: string, requestId: number): void
  /**
   * Sends an event to every peer that subscribed to its path.
   *
   * @param choice - which members of groups get it; without it there are no groups
   */
  publish (message: EventMessage, choice?: GroupChoice): void
  /** The groups of events. @default the transport knows none, and listeners with a group hear nothing of other nodes */
  readonly groups?: TransportGroups
  /** Keeps durable events. @default the transport keeps none, and forRoot refuses them */
  readonly eventStore?: EventStore
  /**
   * Subscribes to the events of a path on all peers that host it.
   *
   * @param since - since when there are listeners, as `performance.now()` gives it. What a peer published since then,
   * and before it was known here, was missed. @default now
   */
  subscribe (path: string, since?: number): void
  /** Ends {@link Transport.subscribe}. */
  unsubscribe (path: string): void
  /** The nodes that this one knows of and can't reach, the last one first. Errors tell why. @default none */
  unreachable? (): readonly UnreachablePeer[]
  /** What each peer has proven to this node. @default 'nothing' */
  readonly proves?: PeerProof
  /** How a peer is reached, for people. @default nobody is told */
  reachOf? (peerId: string): Reach | undefined
  /**
   * Says goodbye before {@link Transport.stop}: peers send no new requests here, and everything else goes on. This node
   * still sends requests and events, gets the events that it subscribed to, and finds newcomers.
   * @default peers learn by `stop` that this node leaves
   */
  goodbye? (): Promise<void>
  /**
   * Says goodbye, lets what is under way finish, and leaves.
   *
   * @param drainTimeout - milliseconds after which it leaves, whatever is still under way
   */
  stop (drainTimeout: number): Promise<void>
}

/** A request got no answer because of the transport, not because of the service. */
export class TransportError extends Error {
  override readonly name = 'TransportError'

  /** @param outcome - whether the other side may have run the request */
  constructor (message: string, readonly outcome: CallOutcome, options?: { readonly cause?: unknown }) {
    super(message, options)
  }
}

/**
 * Why a node refuses a request: it does not host the method, or not any more; it has too much to do; or the deadline of
 * the request has passed by its clock.
 */
export type RefusalReason = 'notHosted' | 'busy' | 'late'

/**
 * This node does not take the request. Nothing ran, so the caller may ask another node. A host replies with it, and the
 * caller's handler fails with it.
 */
export class RequestRefused extends TransportError {
  /**
   * @param error - what callers get that know nothing of refusals
   * @param reason - why; callers treat each reason in its own way
   * @param now - of a refusal that a peer sent for its time: what the clock of the peer showed
   */
  constructor (readonly error: Error, readonly reason: RefusalReason = 'notHosted', readonly now?: number) {
    super(error.message, 'not-sent', { cause: error })
  }
}

/** A peer sent what is no message: its connection is closed, and nothing else is harmed. */
export class MalformedMessage extends Error {
  override readonly name: string = 'MalformedMessage'
}
