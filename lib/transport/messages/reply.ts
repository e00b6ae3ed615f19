import type { ReplyDetails } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'

const RESULT = { root: 'result' }

/**
 * Encodes a result, and what the host says beside it.
 *
 * @throws UnsendableValue for a result that can't be sent, and for a dispatch: without it clients would get the result
 */
export function encodeReply (value: unknown, details: ReplyDetails | undefined): EncodedValue {
  if (details === undefined) return encodeValue(value, RESULT)
  // A dispatch is mostly made of what the result is made of.
  return encodeValue(value, { ...RESULT, details: { ...details }, sharesObjects: details.dispatch !== undefined })
}

/**
 * Encodes what the host says beside an error; undefined where that can't be sent, as the error has to arrive.
 *
 * @param maxLength - characters
 */
export function encodeErrorDetails (details: ReplyDetails | undefined, maxLength: number): string | undefined {
  if (details === undefined) return undefined
  try {
    const { beside } = encodeValue(null, { details: { ...details } })
    return beside !== undefined && beside.length < maxLength ? beside : undefined
  } catch {
    return undefined
  }
}
