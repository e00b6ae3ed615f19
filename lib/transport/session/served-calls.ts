import type { Caller } from '../../contract/contract'
import { LinkedList, type Linked } from '../../collections/linked-list'
import { failedCallOf, notHosted, overloaded, unreadableArguments, unsendableResult } from '../../errors'
import { messageOf } from '../../printable'
import { encodeError, encodeResult, type EncodedReply } from '../messages/reply'
import type { OnRejected } from '../rejections'
import { RequestRefused, type IncomingCall, type ReplyDetails, type Request } from '../transport'
import { MESH_PREFIX } from './control'

/** The id that a peer gave its request. */
export type RequestId = string | number

/** What {@link ServedCalls} needs of its connection. */
export interface ServedCallsOptions {
  /** A reply has fewer bytes than this. */
  readonly maxMessageSize: number
  /** How many requests are served at a time. */
  readonly maxInFlight: number
  /** How many bytes the requests served at a time may have; a single one may have more. @default no bound */
  readonly maxInFlightBytes?: number
  /** Takes a request, and answers it later. */
  readonly serve: (call: IncomingCall) => void
  /** Sends a reply to the peer. */
  readonly send: (id: RequestId, reply: EncodedReply) => void
  readonly onRejected: OnRejected
}

/** After so many requests without a cancel, they are no longer looked up by their ids. */
const MAX_SERVED_INDEXED = 1_024

/** The requests of one peer that have no reply yet. */
export class ServedCalls {
  /** What the peer can read. */
  private readonly format: { decodesValues: boolean, readonly maxBytes: number }
  private readonly calls = new LinkedList<ServedCall>()
  private readonly maxBytes: number
  /** The bytes of these requests. */
  private bytes = 0
  /** The requests by their ids, from the first cancel on: nearly all calls end without one. */
  private index: Map<string, ServedCall> | undefined
  private servedSinceCancel = 0

  /** @param decodesValues - whether the peer is known to read values that JSON can't express */
  constructor (private readonly options: ServedCallsOptions, decodesValues: boolean) {
    this.format = { decodesValues, maxBytes: options.maxMessageSize }
    this.maxBytes = options.maxInFlightBytes ?? Infinity
  }

  /** How many requests have no reply yet. */
  get size (): number {
    return this.calls.size
  }

  /** Whether the peer reads values that JSON can't express. Never becomes false again. */
  get decodesValues (): boolean {
    return this.format.decodesValues
  }

  set decodesValues (decodes: boolean) {
    this.format.decodesValues ||= decodes
  }

  /** Whether a request of this length can be served beside those under way. A single one always can. */
  hasRoomFor (bytes: number): boolean {
    return this.bytes + bytes <= this.maxBytes || this.bytes === 0
  }

  /**
   * Has a request served, or refuses it where the peer has too many under way. Control requests are always served.
   *
   * @param bytes - how much memory the request takes
   */
  serve (id: RequestId, request: Request, caller: Caller, bytes = 0): void {
    const call = new ServedCall(id, request, caller, this)
    call.bytes = bytes
    const { calls, options: { maxInFlight, serve } } = this
    const hasRoom = this.hasRoomFor(bytes)
    calls.add(call)
    this.bytes += bytes
    if (this.index !== undefined) this.addToIndex(call)
    if ((calls.size <= maxInFlight && hasRoom) || request.method.startsWith(MESH_PREFIX)) {
      try {
        return serve(call)
      } catch (error) {
        // Nobody will reply to it.
        this.remove(call)
        throw error
      }
    }
    this.remove(call)
    this.refuse(id, caller, hasRoom)
  }

  /** Refuses a request that was not even read, as {@link hasRoomFor} said no. */
  refuseLarge (id: RequestId, caller: Caller): void {
    this.refuse(id, caller, false)
  }

  /** Refuses a request whose value takes too much work to decode. */
  refuseUnread (id: RequestId, caller: Caller, reason: string): void {
    this.options.onRejected('costlyValue', caller.address, reason)
    this.decodesValues = true
    this.options.send(id, encodeError(unreadableArguments(reason), undefined, this.format))
  }

  /** Refuses a request of which this node does not take the rest: it is too long, or too much is unfinished. */
  refuseUnfinished (id: RequestId, isTooLong: boolean): void {
    const error = isTooLong
      ? unreadableArguments("they are longer than the host's maxMessageSize")
      : new RequestRefused(overloaded('this node waits for the rest of too many messages'), 'busy')
    this.options.send(id, encodeError(error, undefined, this.format))
  }

  /** Refuses a request that this node, which leaves, takes no more. */
  refuseLate (id: RequestId, request: Request): void {
    const error = new RequestRefused(notHosted(failedCallOf(request)))
    this.options.send(id, encodeError(error, undefined, this.format))
  }

  /** The peer gave a request up: nobody waits for its reply. */
  cancel (id: unknown): void {
    if ((typeof id !== 'string' && typeof id !== 'number') || this.calls.size === 0) return
    this.index ??= this.indexed()
    this.servedSinceCancel = 0
    const call = this.index.get(String(id))
    if (call === undefined) return
    this.remove(call)
    call.onCancel?.()
  }

  /** The peer is gone: nobody waits for what is still being served. */
  cancelAll (): void {
    this.index = undefined
    this.bytes = 0
    for (const call of this.calls.takeAll()) call.onCancel?.()
  }

  /** Sends the reply of a call, unless its caller has given it up; called by the call, once. */
  reply (call: ServedCall, error: unknown, value: unknown, details: ReplyDetails | undefined): void {
    if (!this.remove(call)) return
    const encoded = this.encode(call.request, error, value, details)
    call.replyLength = (encoded.value ?? encoded.error)?.text.length
    this.options.send(call.id, encoded)
  }

  private remove (call: ServedCall): boolean {
    if (!this.calls.delete(call)) return false
    this.bytes -= call.bytes
    const { index } = this
    if (index !== undefined) {
      const key = String(call.id)
      if (index.get(key) === call) index.delete(key)
    }
    return true
  }

  private refuse (id: RequestId, caller: Caller, isForNumber: boolean): void {
    const { maxInFlight, onRejected, send } = this.options
    onRejected(isForNumber ? 'tooManyCallsOfConnection' : 'tooManyBytesOfConnection', caller.address)
    const limit = isForNumber ? `${maxInFlight} requests` : `requests of ${this.bytes} bytes`
    const error = overloaded(`this node serves ${limit} of the connection already`)
    send(id, encodeError(new RequestRefused(error, 'busy'), undefined, this.format))
  }

  private indexed (): Map<string, ServedCall> {
    const index = new Map<string, ServedCall>()
    for (let call = this.calls.first; call !== undefined; call = call.later) index.set(String(call.id), call)
    return index
  }

  private addToIndex (call: ServedCall): void {
    if (++this.servedSinceCancel > MAX_SERVED_INDEXED) this.index = undefined
    else this.index?.set(String(call.id), call)
  }

  private encode (
    request: Request, error: unknown, value: unknown, details: ReplyDetails | undefined
  ): EncodedReply {
    try {
      if (error !== null && error !== undefined) return encodeError(error, details, this.format)
      return encodeResult(value, details, this.format)
    } catch (unsendable) {
      const { path, method } = request
      const error = unsendableResult({ path, method }, `the result can't be sent: ${messageOf(unsendable)}`)
      return encodeError(error, undefined, this.format)
    }
  }
}

/** A class and no closures: one is made for each request. */
class ServedCall implements IncomingCall, Linked<ServedCall> {
  onCancel: (() => void) | undefined
  earlier: ServedCall | undefined
  later: ServedCall | undefined
  bytes = 0
  replyLength: number | undefined = undefined

  constructor (
    readonly id: RequestId, readonly request: Request, readonly caller: Caller, private readonly calls: ServedCalls
  ) {}

  reply (error: unknown, value?: unknown, details?: ReplyDetails): void {
    this.calls.reply(this, error, value, details)
  }
}
