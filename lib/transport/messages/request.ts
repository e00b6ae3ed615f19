import type { Request } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import { arePlainArguments } from '../values/plain-json'
import { fieldsOf, isRecord } from '../../record'
import { throwIfOversize } from './message-size'

const MESSAGE = { omitsUndefined: true }
const MESSAGE_AS_TABLE = { omitsUndefined: true, asTable: true }

/** A request as it travels: with the names of feathers-distributed, where the method is the `type`. */
type WireRequest = Omit<Request, 'method'> & { readonly type: string }

/** A request as nodes of feathers-distributed read it. */
export function toWireRequest ({ method, key, path, id, data, params, deadline, trace }: Request): WireRequest {
  if (trace === undefined) return { type: method, key, path, id, data, params, deadline }
  return { type: method, key, path, id, data, params, deadline, trace }
}

/** The same for nodes of feathers-distributed: the headers of a trace are among those of a client. */
export function toLegacyRequest ({ trace, ...request }: Request): WireRequest {
  if (trace === undefined) return toWireRequest(request)
  const { params } = request
  const { headers } = fieldsOf(params)
  return toWireRequest({ ...request, params: { ...params, headers: { ...fieldsOf(headers), ...trace } } })
}

/** Reads what {@link toWireRequest} made; undefined for what names no method. Anybody may have sent it. */
export function fromWireRequest (value: unknown): Request | undefined {
  if (!isRecord(value) || typeof value.type !== 'string') return undefined
  const { type, key, path, id, data, params, deadline, trace } = value as unknown as WireRequest
  if (!isRecord(trace)) return { method: type, key, path, id, data, params, deadline }
  return { method: type, key, path, id, data, params, deadline, trace }
}

/**
 * Encodes a request so that {@link fromWireRequest} makes the same of it, once its value is decoded.
 *
 * @param maxBytes - the longest message that peers take
 * @throws {@link UnsendableValue} for a request that can't be sent
 * @throws RangeError for a request that is too long
 */
export function encodeRequest (request: Request, maxBytes = Infinity): EncodedValue {
  const encoded = encodeValue(toWireRequest(request), MESSAGE)
  throwIfOversize(encoded, maxBytes)
  return encoded
}

/** A trace as JSON. Nearly always it has one header: a string takes a third of the time of an object. */
function traceText (trace: Readonly<Record<string, unknown>>): string {
  for (const name in trace) if (name !== TRACEPARENT) return JSON.stringify(trace)
  const { traceparent } = trace
  return typeof traceparent === 'string' ? `{"traceparent":${JSON.stringify(traceparent)}}` : JSON.stringify(trace)
}

const TRACEPARENT = 'traceparent'

/** The beginning of requests of one method, as JSON. */
interface RequestHead {
  readonly key: string
  readonly text: string
}

/** More beginnings than this are not kept: a peer may have any number of services in turn. */
const MAX_HEADS = 1_000

/**
 * Encodes requests to one peer as {@link encodeRequest} does, where the headers of a trace are texts. All requests of
 * one method begin alike: that much is written once, which halves the time that a short request takes.
 */
export class RequestEncoder {
  /** By path and method. */
  private readonly heads = new Map<string, Map<string, RequestHead>>()
  private size = 0

  /**
   * @param deadline - by the clock of the peer, in place of that of the request: a copy of the request would cost more
   * @throws {@link UnsendableValue}
   */
  encode (request: Request, deadline = request.deadline): EncodedValue {
    const { id, data, params, trace } = request
    const isPlain = arePlainArguments(request) && (deadline === undefined || Number.isFinite(deadline))
    if (!isPlain) return encodeValue({ ...toWireRequest(request), deadline }, MESSAGE_AS_TABLE)
    let text = this.head(request)
    if (id !== undefined) text += `,"id":${typeof id === 'number' ? String(id) : JSON.stringify(id)}`
    if (data !== undefined) text += `,"data":${JSON.stringify(data)}`
    if (params !== undefined) text += `,"params":${JSON.stringify(params)}`
    if (deadline !== undefined) text += `,"deadline":${deadline}`
    if (trace !== undefined) text += `,"trace":${traceText(trace)}`
    return { plain: true, text: `${text}}` }
  }

  private head ({ method, key, path }: Request): string {
    const known = this.heads.get(path)?.get(method)
    // Nearly always: a peer has one key.
    if (known?.key === key) return known.text
    if (++this.size > MAX_HEADS) {
      this.heads.clear()
      this.size = 1
    }
    const text = JSON.stringify({ type: method, key, path }).slice(0, -1)
    const ofPath = this.heads.get(path) ?? new Map<string, RequestHead>()
    this.heads.set(path, ofPath.set(method, { key, text }))
    return text
  }
}
