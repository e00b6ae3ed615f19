import type { ReplyDetails, Request } from '../transport'
import { encodeErrorDetails, encodeReply } from '../messages/reply'
import { encodeThrown } from '../messages/thrown'
import type { ErrorClasses } from '../values/error-classes'
import { decodeValue } from '../values/decode-value'
import type { EncodedValue } from '../values/encode-value'
import { fromWireError, isRefusal, toWireError, unsendableResult } from '../messages/wire-error'

/** What becomes of a request. */
export type Reply = { readonly refused: Error } | Answer

type Answer = ({ readonly thrown: unknown } | { readonly value: unknown }) & { readonly details?: ReplyDetails }

/** What a service answered. */
export interface Answered {
  readonly error: unknown
  readonly value?: unknown
  readonly details?: ReplyDetails
}

/** Makes a value of what was encoded, as the other side of a wire does. */
export function decode<T> (encoded: EncodedValue, errorClasses: ErrorClasses | undefined): T {
  return decodeValue(encoded, errorClasses).value as T
}

/** A reply as the caller gets it. */
export function carryReply (
  request: Request, { error, value, details }: Answered, errorClasses: ErrorClasses | undefined
): Reply {
  if (error !== null && error !== undefined) return { ...carryError(error, errorClasses), ...carryDetails(details) }
  try {
    return decodeValue(encodeReply(value, details), errorClasses)
  } catch (unsendable) {
    return carryError(unsendableResult(request, unsendable), errorClasses)
  }
}

function carryDetails (details: ReplyDetails | undefined): { readonly details?: ReplyDetails } {
  const beside = encodeErrorDetails(details, Infinity)
  return beside === undefined ? {} : { details: decodeValue({ plain: true, text: 'null', beside }).details }
}

function carryError (error: unknown, errorClasses: ErrorClasses | undefined): Reply {
  const table = encodeThrown(error, Infinity)
  if (table !== undefined) return { thrown: decodeValue({ plain: false, text: table }, errorClasses).value }
  const wire: unknown = JSON.parse(JSON.stringify(toWireError(error)))
  return isRefusal(wire) ? { refused: fromWireError(wire) } : { thrown: fromWireError(wire) }
}
