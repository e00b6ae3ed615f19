import type { Socket } from 'node:net'
import type { OnRejected } from '../../rejections'
import type { EventMessage, ReplyHandler, Request } from '../../transport'
import { RequestRefused, TransportError } from '../../transport'
import type { ErrorClasses } from '../../values/error-classes'
import { fromWireError, isRefusal } from '../../messages/wire-error'
import { placeOf } from '../addresses'
import { Connection } from '../wire/connection'
import { CALLER, CANCEL, EVENT_ID, GOODBYE_ID, NO_REPLY_ID, type Introduction } from '../../session/control'
import { idArgument, json, refuseOversize, string, valueArgument } from '../wire/arguments'
import { RateLimit } from '../../session/rate-limit'
import { isBeside, isValue, readArgument, readId, readValue } from '../wire/frame-argument'
import { MalformedFrame, type Frame } from '../wire/frame-parser'
import type { ValueArgument } from '../wire/frame-writer'
import { PendingCalls } from '../../session/pending-calls'
import { RequestEncoder, toWireRequest } from '../../messages/request'
import type { Security } from '../security/security'

/** The id of a request that was never made. */
const NO_REQUEST = -1

export interface OutboundOptions {
  readonly address: string
  readonly port: number
  /** The key of the peer. */
  readonly key: string
  readonly security: Pick<Security, 'dial' | 'credential'>
  /** Milliseconds in which the connection must be there. */
  readonly connectTimeout: number
  readonly maxMessageSize: number
  /** Bytes that may wait to leave before calls are refused. */
  readonly maxBacklog: number
  /** How many connections to the peer there were before this one: requests of all of them have different ids. */
  readonly turn?: number
  /** Whether the peer is a node of our kind: it reads values that JSON lacks words for, and stops what is given up. */
  readonly isMeshNode: boolean
  /** The classes that errors of the peer can be instances of. */
  readonly errorClasses?: ErrorClasses
  /** What the peer is told of this node; nothing without it. */
  readonly introduction?: Introduction
  /** Events a second that are taken from the peer; all without it. */
  readonly maxEventRate?: number
  readonly onRejected?: OnRejected
  readonly onEvent: (message: EventMessage) => void
  /** The peer takes no more calls; the link ends when those under way are done. */
  readonly onGoodbye: () => void
  /** A reply came for which nobody waits any more. */
  readonly onLateReply?: () => void
  /** Called once; `opened` tells whether there ever was a connection. */
  readonly onClose: (opened: boolean) => void
}

/** Generations of request ids that each connection has for itself, and connections after which they start anew. */
const GENERATIONS = 2 ** 24
const TURNS = 256

/** The connection to one peer's responder: its calls, and the events that come back. */
export class OutboundConnection {
  readonly startedAt = Date.now()
  lastUsed = this.startedAt
  /** Whether this side closes the connection, or is about to. */
  ended = false
  /** What it was opened with. */
  readonly credential: string
  readonly whenClosed: Promise<void>
  private readonly pending: PendingCalls
  private readonly socket: Socket
  private readonly connection: Connection
  private readonly pace: RateLimit
  private readonly encoder = new RequestEncoder()
  /** What broke the connection. */
  private failure: string | undefined
  /** What is to be sent once the connection is there: a call that is forgotten until then is never sent. */
  private unsent: Array<readonly [id: number, request: ValueArgument]> | undefined = []
  private unsentSize = 0

  constructor (private readonly options: OutboundOptions) {
    this.pending = new PendingCalls((options.turn ?? 0) % TURNS * GENERATIONS)
    const { address: host, port, key, security } = options
    this.credential = security.credential()
    this.socket = security.dial({ host, port, key }, () => this.onConnect())
    this.socket.setTimeout(options.connectTimeout, () => this.socket.destroy())
    this.socket.once('error', ({ message }) => { this.failure = message })
    this.whenClosed = new Promise(resolve => { this.socket.once('close', () => resolve()) })
    const { maxEventRate = Infinity, onRejected } = options
    this.pace = new RateLimit(this.socket, maxEventRate, () => onRejected?.('throttledEvents', host))
    this.connection = new Connection(this.socket, {
      maxMessageSize: options.maxMessageSize,
      onFrame: frame => this.onFrame(frame),
      onMalformed: reason => onRejected?.(reason, host),
      onClose: () => this.onClose()
    })
  }

  get closed (): boolean {
    return this.connection.closed
  }

  /** Whether there ever was a connection. */
  get opened (): boolean {
    return this.unsent === undefined
  }

  /** Bytes that came from the peer. */
  get bytesRead (): number {
    return this.socket.bytesRead
  }

  /** Calls that wait for their reply. */
  get waiting (): number {
    return this.pending.size
  }

  request (request: Request, handler: ReplyHandler): number {
    const { maxMessageSize, maxBacklog, isMeshNode } = this.options
    const encoded = isMeshNode ? valueArgument(this.encoder.encode(request)) : json(toWireRequest(request))
    refuseOversize(encoded, maxMessageSize)
    if (this.connection.backlog + this.unsentSize > maxBacklog || this.pending.isFull) {
      this.options.onRejected?.('unsentCalls', this.options.address)
      const reason = this.pending.isFull ? `${this.pending.size} requests` : `${maxBacklog} bytes`
      queueMicrotask(() => handler.fail(new TransportError(`${reason} wait for the peer already`, 'not-sent')))
      return NO_REQUEST
    }
    const id = this.pending.add(handler)
    this.lastUsed = Date.now()
    if (this.unsent === undefined) this.connection.sendValue(encoded, idArgument(id))
    else {
      this.unsent.push([id, encoded])
      this.unsentSize += encoded.text.length + (encoded.beside?.text.length ?? 0)
    }
    return id
  }

  cancel (id: number): void {
    if (this.pending.take(id) === undefined) return
    const { opened, options: { isMeshNode } } = this
    if (opened && isMeshNode) this.connection.send(json({ type: CANCEL, data: id }), string(NO_REPLY_ID))
    this.checkEnd()
  }

  /** Closes when no call waits any more. */
  end (): void {
    this.ended = true
    this.checkEnd()
  }

  /** Closes now; calls that wait fail. */
  destroy (): void {
    this.ended = true
    this.connection.destroy()
  }

  private onConnect (): void {
    this.socket.setTimeout(0)
    const unsent = this.unsent ?? []
    this.unsent = undefined
    this.unsentSize = 0
    const { introduction } = this.options
    if (introduction !== undefined) {
      this.connection.send(json({ type: CALLER, data: introduction }), string(NO_REPLY_ID))
    }
    for (const [id, encoded] of unsent) if (this.pending.has(id)) this.connection.sendValue(encoded, idArgument(id))
  }

  private onFrame (frame: Frame): void {
    if (frame.count < 2) throw new MalformedFrame('a reply without an id')
    const id = readId(frame, frame.count - 1)
    if (id === EVENT_ID) {
      this.pace.count()
      return this.options.onEvent(readEvent(frame, this.options.errorClasses))
    }
    if (id === GOODBYE_ID) return this.options.onGoodbye()
    const handler = this.pending.take(Number(id))
    // Its time was over, or it was given up.
    if (handler === undefined) return this.options.onLateReply?.()
    try {
      this.settle(handler, frame)
    } catch (error) {
      // It ends the connection, and nobody else would tell this call.
      if (error instanceof MalformedFrame) handler.fail(new TransportError(`its reply can't be read: ${error.message}`, 'unknown'))
      throw error
    }
    this.checkEnd()
  }

  private settle (handler: ReplyHandler, frame: Frame): void {
    const { errorClasses } = this.options
    const error = readArgument(frame, 0, errorClasses)
    if (isBeside(frame, 2)) return this.settleWithDetails(handler, frame, error)
    // What was thrown, as it was.
    if (isValue(frame, 0)) handler.settle(error ?? fromWireError(error))
    else if (isRefusal(error)) handler.fail(new RequestRefused(fromWireError(error)))
    else if (error !== null) handler.settle(fromWireError(error))
    else handler.settle(null, frame.count > 2 ? readArgument(frame, 1, errorClasses) : undefined)
  }

  /** The host said something beside the result, or the error. */
  private settleWithDetails (handler: ReplyHandler, frame: Frame, error: unknown): void {
    const { value, details } = readValue(frame, 1, this.options.errorClasses)
    if (isValue(frame, 0)) handler.settle(error ?? fromWireError(error), undefined, details)
    else if (error !== null) handler.settle(fromWireError(error), undefined, details)
    else handler.settle(null, value, details)
  }

  private onClose (): void {
    const { opened } = this
    const where = placeOf(this.options.address, this.options.port)
    for (const handler of this.pending.takeAll()) {
      handler.fail(opened
        ? new TransportError(`the connection to ${where} was lost`, 'unknown')
        : new TransportError(`no connection to ${where}${this.failure === undefined ? '' : `: ${this.failure}`}`, 'not-sent'))
    }
    this.options.onClose(opened)
  }

  private checkEnd (): void {
    if (!this.ended || this.pending.size > 0) return
    if (!this.opened) return this.connection.destroy()
    this.connection.end()
    // No call waits for what the peer still says, and one that does not hang up in its turn must not keep this node.
    this.socket.end(() => this.connection.destroy())
  }
}

function readEvent (frame: Frame, errorClasses: ErrorClasses | undefined): EventMessage {
  const message = readValue(frame, 0, errorClasses).value
  if (typeof message !== 'object' || message === null) throw new MalformedFrame('an event that is no object')
  const { path, event, args } = message as Partial<EventMessage>
  const complete = typeof path === 'string' && typeof event === 'string' && Array.isArray(args)
  if (!complete) throw new MalformedFrame('an event without its fields')
  return message as EventMessage
}
