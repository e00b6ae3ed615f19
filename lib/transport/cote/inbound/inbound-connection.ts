import type { Socket } from 'node:net'
import type { Caller } from '../../../contract/contract'
import { overloaded } from '../../../errors'
import { wrongKeyDetail, type OnRejected } from '../../rejections'
import {
  GAP, RequestRefused, type EventGap, type EventMessage, type IncomingCall, type ReplyDetails, type Request
} from '../../transport'
import { encodeErrorDetails, encodeReply } from '../../messages/reply'
import { encodeThrown, toShortWireError } from '../../messages/thrown'
import { unsendableResult } from '../../messages/wire-error'
import type { ErrorClasses } from '../../values/codec'
import { LinkedList, type Linked } from '../../../collections/linked-list'
import { plainAddress } from '../addresses'
import { Connection } from '../wire/connection'
import { CALLER, CANCEL, EVENT_ID, GOODBYE_ID, MESH_PREFIX, NO_REPLY_ID, readIntroduction } from '../../session/control'
import { NULL, besideArgument, idArgument, json, refuseOversize, string, valueArgument } from '../wire/arguments'
import { isValue, readId } from '../wire/frame-argument'
import type { Frame } from '../wire/frame-parser'
import type { TextArgument, ValueArgument } from '../wire/frame-writer'
import { MalformedFrame } from '../wire/malformed-frame'
import { RequestDecoder } from '../wire/request-decoder'

export interface InboundLimits {
  /** Bytes of the longest frame. */
  readonly maxMessageSize: number
  /** Bytes that may wait to leave for a client before it gets no more events. */
  readonly maxBacklog: number
  /** How many of its requests are served at a time. */
  readonly maxInFlightPerConnection: number
  readonly onRejected: OnRejected
}

export interface InboundOptions extends InboundLimits {
  /** The partition of this node. */
  readonly key: string
  /** The classes that errors in requests can be instances of. */
  readonly errorClasses?: ErrorClasses
  /** The keys that the client has proven, where it has. */
  readonly provenKeys?: readonly string[]
  readonly onRequest: (call: IncomingCall) => void
  /** The last request that was served here has its reply. */
  readonly onIdle: () => void
  readonly onClose: () => void
}

/** An error may have so many characters: all of it fits into a message, whatever its bytes. */
const maxErrorLength = (maxMessageSize: number): number => maxMessageSize / 4

/** So many paths a client may listen to: what it names is kept. */
const MAX_PATHS = 10_000

/** Milliseconds that the last replies have to leave. */
const FLUSH_TIMEOUT_MS = 2_000

/** One requester that is connected to this node: what it asked for, and the events that it wants. */
export class InboundConnection {
  /** A requester of our own kind: it hangs up when it is told goodbye. */
  isMeshNode = false
  /** Who it is, as far as it has said. */
  caller: Caller
  /** Whether it reads values that JSON lacks words for, as our nodes do. */
  private readsValues = false
  private readonly connection: Connection
  private readonly decoder = new RequestDecoder()
  /** The requests that have no reply yet. */
  private readonly calls = new LinkedList<ServedCall>()
  private readonly answer: Answer = (call, error, value, details) => this.reply(call, error, value, details)
  private paths: ReadonlySet<string> = new Set()
  /** Events that were dropped, by their path. */
  private readonly missed = new Map<string, number>()

  constructor (socket: Socket, private readonly options: InboundOptions) {
    this.caller = Object.freeze({ proven: false, address: plainAddress(socket.remoteAddress ?? 'unknown') })
    this.connection = new Connection(socket, {
      maxMessageSize: options.maxMessageSize,
      onFrame: frame => this.onFrame(frame),
      onCaughtUp: () => this.checkIdle(),
      onDrain: () => this.tellGaps(),
      onMalformed: reason => options.onRejected(reason, this.caller.address),
      onClose: () => this.onClose()
    })
  }

  /** Whether requests of it have no reply yet. */
  get isServing (): boolean {
    return this.calls.size > 0 || this.connection.isBehind
  }

  /** Takes the paths that the client wants to hear of, and gives those that are new. */
  subscribe (paths: unknown): readonly string[] {
    if (Array.isArray(paths) && paths.length > MAX_PATHS) throw new MalformedFrame(`more than ${MAX_PATHS} paths`)
    const before = this.paths
    this.paths = new Set(Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : [])
    return [...this.paths].filter(path => !before.has(path))
  }

  listensTo (path: string): boolean {
    return this.paths.has(path)
  }

  /** Sends an event, or counts it if the client does not keep up: it must not fill this node's memory. */
  sendEvent ({ path }: EventMessage, encoded: ValueArgument): void {
    if (this.connection.backlog > this.options.maxBacklog) {
      this.missed.set(path, (this.missed.get(path) ?? 0) + 1)
      this.options.onRejected('droppedEvents', this.caller.address)
      return
    }
    if (this.missed.size > 0) this.tellGaps()
    this.connection.sendValue(encoded, string(EVENT_ID))
  }

  /** The client says who it is: once, and what it has proven if it has proven anything. */
  introduce (data: unknown): void {
    const introduction = readIntroduction(data)
    if (introduction === undefined || this.caller.node !== undefined) throw new MalformedFrame('no introduction')
    const { options: { provenKeys, onRejected }, caller: { address } } = this
    const { node, key } = introduction
    if (provenKeys !== undefined && !provenKeys.includes(key)) {
      onRejected('wrongKey', address, wrongKeyDetail(provenKeys, key))
      return this.connection.destroy()
    }
    this.caller = Object.freeze({ node, key, proven: provenKeys !== undefined, address })
  }

  /** The client gave a request up. */
  cancel (id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return
    const given = String(id)
    // Rare, and mostly of the oldest.
    this.calls.find(call => String(call.id) === given)?.onCancel?.()
  }

  sayGoodbye (): void {
    if (this.isMeshNode) this.connection.send(NULL, string(GOODBYE_ID))
  }

  close (): void {
    this.connection.endWithin(FLUSH_TIMEOUT_MS)
  }

  private onFrame (frame: Frame): void {
    // What came together with the reason to end the connection.
    if (this.connection.closed || this.connection.ended) return
    if (frame.count < 2) throw new MalformedFrame('a request without an id')
    const id = readId(frame, frame.count - 1)
    const request = this.decoder.decode(frame, this.options.errorClasses)
    if (request === undefined) throw new MalformedFrame('a request without a type')
    // Old nodes give no deadline, and ask for nothing but their services.
    this.readsValues ||= request.deadline !== undefined || request.method.startsWith(MESH_PREFIX) || isValue(frame, 0)
    const call = new ServedCall(id, request, this.caller, this.answer)
    // There is no reply to them, whatever id they have: as requests they would be kept for ever.
    if (request.method === CANCEL || request.method === CALLER) this.options.onRequest(call)
    // All others have to be counted.
    else if (id === NO_REPLY_ID) throw new MalformedFrame('a request without an id')
    else this.admit(call)
  }

  private admit (call: ServedCall): void {
    const { calls, caller, options: { maxInFlightPerConnection, onRejected, onRequest } } = this
    calls.add(call)
    if (calls.size <= maxInFlightPerConnection || call.request.method.startsWith(MESH_PREFIX)) return onRequest(call)
    onRejected('tooManyCallsOfConnection', caller.address)
    call.reply(new RequestRefused(overloaded(`this node serves ${maxInFlightPerConnection} requests of the connection already`)))
  }

  private reply (call: ServedCall, error: unknown, value: unknown, details: ReplyDetails | undefined): void {
    this.calls.delete(call)
    const { id, request } = call
    // Who asks and does not read the replies must not fill this node's memory.
    if (this.connection.backlog > this.options.maxBacklog) this.giveUp()
    if (error === null || error === undefined) this.sendValue(id, request, value, details)
    else this.sendError(id, error, details)
    this.checkIdle()
  }

  private checkIdle (): void {
    if (!this.isServing) this.options.onIdle()
  }

  private giveUp (): void {
    if (!this.connection.closed) this.options.onRejected('unreadReplies', this.caller.address)
    this.connection.destroy()
  }

  private sendValue (id: Id, request: Request, value: unknown, details: ReplyDetails | undefined): void {
    const { readsValues, connection } = this
    // Without a value, the result is undefined.
    if (value === undefined && readsValues && details === undefined) return connection.send(NULL, idArgument(id))
    try {
      const encoded = readsValues ? valueArgument(encodeReply(value, details)) : json(value)
      refuseOversize(encoded, this.options.maxMessageSize)
      if (encoded.beside === undefined) connection.send(NULL, encoded, idArgument(id))
      else connection.send(NULL, encoded, encoded.beside, idArgument(id))
    } catch (error) {
      this.sendError(id, unsendableResult(request, error))
    }
  }

  private sendError (id: Id, error: unknown, details?: ReplyDetails): void {
    const longest = maxErrorLength(this.options.maxMessageSize)
    const text = this.readsValues ? encodeThrown(error, longest) : undefined
    const argument: TextArgument = text === undefined
      ? { type: 'j', text: toShortWireError(error, longest) }
      : { type: 'v', text }
    const beside = this.readsValues ? encodeErrorDetails(details, longest - argument.text.length) : undefined
    if (beside === undefined) this.connection.send(argument, idArgument(id))
    else this.connection.send(argument, NULL, besideArgument(beside), idArgument(id))
  }

  private tellGaps (): void {
    const { key } = this.options
    for (const [path, missed] of this.missed) {
      const message: EventMessage = { path, key, event: GAP, args: [{ missed, reason: 'slow' } satisfies EventGap] }
      this.connection.send(json(message), string(EVENT_ID))
    }
    this.missed.clear()
  }

  /** Nobody waits for what is still being served. */
  private onClose (): void {
    for (const call of this.calls.takeAll()) call.onCancel?.()
    this.options.onClose()
  }
}

/** The id of a request. */
type Id = string | number

/** Sends a reply. */
type Answer = (call: ServedCall, error: unknown, value: unknown, details: ReplyDetails | undefined) => void

class ServedCall implements IncomingCall, Linked<ServedCall> {
  onCancel: (() => void) | undefined
  earlier: ServedCall | undefined
  later: ServedCall | undefined

  constructor (
    readonly id: Id, readonly request: Request, readonly caller: Caller, private readonly answer: Answer
  ) {}

  reply (error: unknown, value?: unknown, details?: ReplyDetails): void {
    this.answer(this, error, value, details)
  }
}
