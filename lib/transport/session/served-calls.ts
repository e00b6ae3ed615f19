import type { Caller } from '../../contract/contract'
import { LinkedList, type Linked } from '../../collections/linked-list'
import { overloaded, unsendableResult } from '../../errors'
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
  /** Takes a request, and answers it later. */
  readonly serve: (call: IncomingCall) => void
  /** Sends a reply to the peer. */
  readonly send: (id: RequestId, reply: EncodedReply) => void
  readonly onRejected: OnRejected
}

/** The requests of one peer that have no reply yet. */
export class ServedCalls {
  /** What the peer can read. */
  private readonly format: { decodesValues: boolean, readonly maxBytes: number }
  private readonly calls = new LinkedList<ServedCall>()

  /** @param decodesValues - whether the peer is known to read values that JSON can't express */
  constructor (private readonly options: ServedCallsOptions, decodesValues: boolean) {
    this.format = { decodesValues, maxBytes: options.maxMessageSize }
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

  /** Has a request served, or refuses it where the peer has too many under way. Control requests are always served. */
  serve (id: RequestId, request: Request, caller: Caller): void {
    const call = new ServedCall(id, request, caller, this)
    const { calls, options: { maxInFlight, onRejected, serve } } = this
    calls.add(call)
    if (calls.size <= maxInFlight || request.method.startsWith(MESH_PREFIX)) {
      try {
        return serve(call)
      } catch (error) {
        // Nobody will reply to it.
        calls.delete(call)
        throw error
      }
    }
    onRejected('tooManyCallsOfConnection', caller.address)
    const error = overloaded(`this node serves ${maxInFlight} requests of the connection already`)
    call.reply(new RequestRefused(error, 'busy'))
  }

  /** The peer gave a request up. */
  cancel (id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return
    const given = String(id)
    // Cancelling is rare, and mostly concerns the oldest.
    this.calls.find(call => String(call.id) === given)?.onCancel?.()
  }

  /** The peer is gone: nobody waits for what is still being served. */
  cancelAll (): void {
    for (const call of this.calls.takeAll()) call.onCancel?.()
  }

  /** Sends the reply of a call; called by the call, once. */
  reply (call: ServedCall, error: unknown, value: unknown, details: ReplyDetails | undefined): void {
    this.calls.delete(call)
    this.options.send(call.id, this.encode(call.request, error, value, details))
  }

  private encode (
    request: Request, error: unknown, value: unknown, details: ReplyDetails | undefined
  ): EncodedReply {
    if (error !== null && error !== undefined) return encodeError(error, details, this.format)
    try {
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

  constructor (
    readonly id: RequestId, readonly request: Request, readonly caller: Caller, private readonly calls: ServedCalls
  ) {}

  reply (error: unknown, value?: unknown, details?: ReplyDetails): void {
    this.calls.reply(this, error, value, details)
  }
}
