import { readEncoded } from '../messages/encoded'
import { MalformedMessage } from '../transport'
import { decodeValue } from '../values/decode-value'
import type { ErrorClasses } from '../values/error-classes'

/**
 * The value in the body of a message: anything may have been sent.
 *
 * @throws {@link MalformedMessage} for what is no value
 */
export function decodeBody (body: unknown, errorClasses: ErrorClasses | undefined): unknown {
  const encoded = readEncoded(body)
  if (encoded === undefined) throw new MalformedMessage('a body that is no value')
  try {
    return decodeValue(encoded, errorClasses).value
  } catch (error) {
    throw new MalformedMessage('a body that is no value', { cause: error })
  }
}

/** The id or the revision in a message. @throws {@link MalformedMessage} for what is no number */
export function readNumber (id: unknown): number {
  if (typeof id !== 'number') throw new MalformedMessage('an id that is no number')
  return id
}
