import { messageOf } from '../../printable'
import type { ReplyDetails, ReplyHandler } from '../transport'
import { RequestRefused, TransportError } from '../transport'
import type { ErrorClasses } from '../values/error-classes'
import { decodeValue } from '../values/decode-value'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import { jsonText } from '../values/json-text'
import { encodeThrown, fromWireError, readRefusal, toWireErrorText } from './error'
import { throwIfOversize } from './message-size'

const RESULT = { root: 'result' }

/** Fills the place of a value that is missing. */
const NO_VALUE = 'null'

/** What a peer can read. */
export interface ReplyFormat {
  /** Whether it decodes values that JSON can't express, as nodes of feathers-mesh do. */
  readonly decodesValues: boolean
  /** A reply has fewer bytes than this. */
  readonly maxBytes: number
}

/** A reply as it travels. */
export interface EncodedReply {
  /** What was thrown: itself, or, where it is plain, the {@link WireError} that stands for it. */
  readonly error?: EncodedValue
  /** The result; undefined where that is undefined. Details travel beside it. */
  readonly value?: EncodedValue
}

const UNDEFINED_RESULT: EncodedReply = Object.freeze({})

/**
 * Encodes a result, and the details of its reply.
 *
 * @throws {@link UnsendableValue} for a result that can't be sent, and for a dispatch: clients would get the result
 * @throws RangeError for a result that is too long
 */
export function encodeResult (value: unknown, details: ReplyDetails | undefined, format: ReplyFormat): EncodedReply {
  const encoded = format.decodesValues
    ? encodeWithReplyDetails(value, details)
    : { plain: true, text: jsonText(value) ?? NO_VALUE }
  if (encoded === undefined) return UNDEFINED_RESULT
  throwIfOversize(encoded, format.maxBytes)
  return { value: encoded }
}

function encodeWithReplyDetails (value: unknown, details: ReplyDetails | undefined): EncodedValue | undefined {
  if (details !== undefined) {
    // A dispatch mostly consists of what the result consists of.
    return encodeValue(value, { ...RESULT, details: { ...details }, sharesObjects: details.dispatch !== undefined })
  }
  return value === undefined ? undefined : encodeValue(value, RESULT)
}

/** Encodes anything thrown, and the details of its reply as far as they can be sent. */
export function encodeError (
  thrown: unknown, details: ReplyDetails | undefined, { decodesValues, maxBytes }: ReplyFormat
): EncodedReply {
  // This number of characters fits into a message, whatever bytes they become.
  const maxLength = maxBytes / 4
  const table = decodesValues ? encodeThrown(thrown, maxLength) : undefined
  const error = table === undefined
    ? { plain: true, text: toWireErrorText(thrown, maxLength) }
    : { plain: false, text: table }
  const beside = decodesValues ? encodeErrorDetails(details, maxLength - error.text.length) : undefined
  return beside === undefined ? { error } : { error, value: { plain: true, text: NO_VALUE, beside } }
}

/** Undefined where the details can't be sent: the error has to arrive. */
function encodeErrorDetails (details: ReplyDetails | undefined, maxLength: number): string | undefined {
  if (details === undefined) return undefined
  try {
    const { beside = '' } = encodeValue(null, { details: { ...details } })
    return beside.length < maxLength ? beside : undefined
  } catch {
    return undefined
  }
}

/**
 * Settles a handler with a reply. A reply that can't be decoded fails it, as the call may have run.
 *
 * @param errorClasses - the classes that errors can be instances of; JavaScript's and Feathers' without it
 * @param onLate - called before the handler where the peer refused the request for its time, with the clock of the peer
 */
export function decodeReply (
  reply: EncodedReply, handler: ReplyHandler, errorClasses?: ErrorClasses, onLate?: (now: number | undefined) => void
): void {
  let decoded: DecodedReply
  try {
    decoded = decode(reply, errorClasses)
  } catch (error) {
    return handler.fail(unreadableReply(messageOf(error)))
  }
  const { error, value, details } = decoded
  if (onLate !== undefined && isRefusedAsLate(error)) onLate(error.now)
  if (error !== undefined) settleError(handler, error, details)
  else if (details === undefined) handler.settle(null, value)
  else handler.settle(null, value, details)
}

interface DecodedReply {
  /** Undefined where the reply is a result. */
  readonly error?: unknown
  readonly value?: unknown
  readonly details?: ReplyDetails
}

function decode ({ error, value }: EncodedReply, errorClasses: ErrorClasses | undefined): DecodedReply {
  const decoded: DecodedReply = value === undefined ? { value: undefined } : decodeValue(value, errorClasses)
  if (error === undefined) return decoded
  const thrown = decodeValue(error, errorClasses).value
  return { error: readError(thrown, error.plain), details: decoded.details }
}

/** What the caller of a request gets whose reply can't be read: the call may have run. */
export function unreadableReply (reason: string): TransportError {
  return new TransportError(`its reply can't be read: ${reason}`, 'unknown')
}

/**
 * The error of a reply: what the service threw, as it threw it, or an error that is made of its plain form.
 *
 * @param isPlain - whether a {@link WireError} was sent
 */
export function readError (sent: unknown, isPlain: boolean): unknown {
  if (!isPlain) return sent ?? fromWireError(sent)
  const error = fromWireError(sent)
  return readRefusal(sent, error) ?? error
}

/** Whether a peer refused a request for its time. */
export function isRefusedAsLate (error: unknown): error is RequestRefused {
  return error instanceof RequestRefused && error.reason === 'late'
}

/** Settles a handler with an error that {@link readError} made, or fails it where the peer refused the request. */
export function settleError (handler: ReplyHandler, error: unknown, details: ReplyDetails | undefined): void {
  if (error instanceof RequestRefused) handler.fail(error)
  else if (details === undefined) handler.settle(error)
  else handler.settle(error, undefined, details)
}
