import { fieldsOf, isText } from '../../record'
import { readEncoded } from '../messages/encoded'
import { fromWireRequest } from '../messages/request'
import { MalformedMessage, type Request } from '../transport'
import { decodeValue } from '../values/decode-value'
import type { ErrorClasses } from '../values/error-classes'
import { CostlyValue } from '../values/errors'

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

/**
 * The request in the body of a message, or why it is not read: decoding it takes too much work.
 *
 * @throws {@link MalformedMessage} for what is no request
 */
export function decodeRequest (body: unknown, errorClasses: ErrorClasses | undefined): Request | CostlyValue {
  let value: unknown
  try {
    value = decodeBody(body, errorClasses)
  } catch (error) {
    if (error instanceof MalformedMessage && error.cause instanceof CostlyValue) return error.cause
    throw error
  }
  const request = fromWireRequest(value)
  if (request === undefined) throw new MalformedMessage('a request without a type')
  return request
}

/** How many characters an encoded value in a body has. */
export function lengthOfBody (body: unknown): number {
  const { text, beside } = fieldsOf(body)
  return (isText(text) ? text.length : 0) + (isText(beside) ? beside.length : 0)
}

/** How many characters the encoded values in a reply have. */
export function lengthOfReply (reply: unknown): number {
  const { error, value } = fieldsOf(reply)
  return lengthOfBody(error) + lengthOfBody(value)
}

/** The id or the revision in a message. @throws {@link MalformedMessage} for what is no number */
export function readNumber (id: unknown): number {
  if (typeof id !== 'number') throw new MalformedMessage('an id that is no number')
  return id
}
