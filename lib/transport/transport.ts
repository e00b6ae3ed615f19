import type { Caller, Contract } from '../contract/contract'
import type { CallOutcome } from '../errors'
import type { OnRejected } from './rejections'
import type { ErrorClasses } from './values/error-classes'

/**
 * A call on its way. The names are those of feathers-distributed's wire: `type` is the method,
 * `id` and `data` are there where the method has them.
 */
export interface Request {
  readonly method: string
  /** The partition of the node that is asked. */
  readonly key: string
  readonly path: string
  readonly id?: unknown
  readonly data?: unknown
  readonly params?: Readonly<Record<string, unknown>>
  /** When the caller stops waiting, in milliseconds since 1970 by the clock of who reads it. */
  readonly deadline?: number
}

/**
 * What the hook context of the host says to the transports of Feathers, beside the result. Nodes that know of nothing
 * but results neither send nor read it. A peer sent it: the fields may be anything.
 */
export interface ReplyDetails {
  /** What outside clients get in the place of the result. */
  readonly dispatch?: unknown
  /** Status, headers and location of an HTTP response. */
  readonly http?: unknown
}

/** A request of another node, and the way to answer it. */
export interface IncomingCall {
  readonly request: Request
  /** Who calls; a transport that can't tell leaves it out. */
  readonly caller?: Caller
  /** Answers with an error or a value, and with what the host says beside it; called once, at any time. */
  reply (error: unknown, value?: unknown, details?: ReplyDetails): void
  /** What to do when the caller gives the call up; set by who serves it. */
  onCancel?: () => void
}

/** An event of a service on its way. */
export interface EventMessage {
  readonly path: string
  readonly key: string
  readonly event: string
  /** What the listeners get, without the hook context. */
  readonly args: readonly unknown[]
  /** The hook context as plain data, where there was one. */
  readonly context?: Readonly<Record<string, unknown>>
}

/** Takes the one result of a request. */
export interface ReplyHandler {
  /** The other side answered: with an error, or with a value; and with details where it has some. */
  settle (error: unknown, value?: unknown, details?: ReplyDetails): void
  /** The transport failed; the error says whether the other side may have run the call. */
  fail (error: TransportError): void
}

/** A node as the transport sees it. */
export interface Peer {
  readonly id: string
  /** What people call the node; undefined where it does not tell. */
  readonly name?: string
  readonly key: string
  readonly contracts: readonly Contract[]
}

/** The event that tells a listener of events that it did not get. */
export const GAP = 'gap'

/** What a listener of {@link GAP} gets. */
export interface EventGap {
  /** How many events were dropped because this node took them too slowly; undefined where nobody counted. */
  readonly missed?: number
  /** `slow`: this node did not keep up; `disconnected`: for a while there was no connection. */
  readonly reason: 'slow' | 'disconnected'
}

/** Whether a peer is told an event. */
export type Audience = (peer: Caller) => boolean

/** Why a node is gone: it said goodbye, its connection broke, or nothing was heard of it. */
export type LeaveReason = 'goodbye' | 'lost' | 'silent'

/** What a transport needs of its node, and tells it. */
export interface TransportHost {
  readonly id: string
  /** What people call this node; peers are told. */
  readonly name?: string
  readonly key: string
  /** The classes that errors of other nodes can be instances of. @default JavaScript's and those of Feathers */
  readonly errorClasses?: ErrorClasses
  /** What this node offers now. */
  contracts (): readonly Contract[]
  /** A peer calls. */
  serve (call: IncomingCall): void
  /** An event of a service that this node listens to. */
  receive (message: EventMessage): void
  /** A peer came, or its contracts changed. */
  joined (peer: Peer): void
  left (peerId: string, reason: LeaveReason): void
  /**
   * Which peers are told an event of this node; undefined where all are. A peer of which nothing is known but its
   * address, as an old node, is asked for as one without node and key.
   * @default all
   */
  audience? (path: string, event: string): Audience | undefined
  /** A peer listens to the events of a path from now on; {@link audience} says which of them it is told. */
  subscribed? (peer: Caller, path: string): void
  /** The transport let something not in; a host that counts it is told. */
  readonly onRejected?: OnRejected
}

/**
 * Moves requests, replies and events between nodes, and tells who comes and goes.
 *
 * One object serves one node. It knows contracts and messages, and nothing of Feathers.
 */
export interface Transport {
  /** Joins the mesh; resolves when peers can reach this node. */
  start (host: TransportHost): Promise<void>
  /** Tells peers that `host.contracts()` changed. */
  announce (): void
  /**
   * Sends a request to a peer; the handler is called once, later. Returns the id to forget it by.
   *
   * @throws what JSON throws when the request can't be encoded; the handler is not called then
   */
  request (peerId: string, request: Request, handler: ReplyHandler): number
  /**
   * Gives a request up: its handler is not called any more. If it was not sent yet it never is, and if it was,
   * the peer is told to stop.
   */
  cancel (peerId: string, requestId: number): void
  /** Sends an event to every peer that listens to its path. */
  publish (message: EventMessage): void
  /** Listens to the events of a path on all peers that host it. */
  subscribe (path: string): void
  unsubscribe (path: string): void
  /**
   * Says goodbye, lets what is under way finish, and leaves.
   *
   * @param drainTimeout - milliseconds after which it leaves all the same
   */
  stop (drainTimeout: number): Promise<void>
}

/** A request that got no answer because of the way, not because of the service. */
export class TransportError extends Error {
  override readonly name = 'TransportError'

  constructor (message: string, readonly outcome: CallOutcome, options?: { readonly cause?: unknown }) {
    super(message, options)
  }
}

/**
 * This node does not take the request: it hosts no such method (any more), or it is leaving. Nothing ran, so the
 * caller may ask another node. Replying with it tells so, and it is what the caller's handler fails with;
 * `error` is for peers that don't know.
 */
export class RequestRefused extends TransportError {
  constructor (readonly error: Error) {
    super(error.message, 'not-sent', { cause: error })
  }
}
