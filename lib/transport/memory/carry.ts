import type { Request } from '../transport'
import { encodeThrown } from '../thrown'
import type { ErrorClasses } from '../values/codec'
import { decodeTable } from '../values/decode-value'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import { fromWireError, isRefusal, toWireError, unsendableResult } from '../wire-error'

/** What becomes of a request. */
export type Reply = { readonly thrown: unknown } | { readonly refused: Error } | { readonly value: unknown }

/** Makes a value of what was encoded, as the other side of a wire does. */
export function decode<T> ({ plain, text }: EncodedValue, errorClasses: ErrorClasses | undefined): T {
  return (plain ? JSON.parse(text) : decodeTable(text, errorClasses)) as T
}

/** A reply as the caller gets it. */
export function carryReply (
  request: Request, error: unknown, value: unknown, errorClasses: ErrorClasses | undefined
): Reply {
  if (error !== null && error !== undefined) return carryError(error, errorClasses)
  try {
    return { value: decode(encodeValue(value, { root: 'result' }), errorClasses) }
  } catch (unsendable) {
    return carryError(unsendableResult(request, unsendable), errorClasses)
  }
}

function carryError (error: unknown, errorClasses: ErrorClasses | undefined): Reply {
  const table = encodeThrown(error, Infinity)
  if (table !== undefined) return { thrown: decodeTable(table, errorClasses) }
  const wire: unknown = JSON.parse(JSON.stringify(toWireError(error)))
  return isRefusal(wire) ? { refused: fromWireError(wire) } : { thrown: fromWireError(wire) }
}
