import type { Details, EncodedValue, EncodeOptions } from './encoded-value'
import { Encoder } from './encoder'
import { isPlainJson, isPlainMessage } from './plain-json'

export type { Details, EncodedValue, EncodeOptions } from './encoded-value'

/**
 * Encodes a value so that `decodeValue` makes the same of it. The format of our own is one JSON text: a table of
 * objects that refer to each other by their places in it, so that shared objects stay shared, circles are nothing
 * special, and no depth is too deep. (Libraries for this are ES modules only, and `v8.serialize` is not made for bytes
 * of strangers nor for peers with another Node.)
 *
 * @throws {@link UnsendableValue} for a function, a symbol, a stream, …
 */
export function encodeValue (value: unknown, options: EncodeOptions = {}): EncodedValue {
  if (isPlainJson(value)) return { plain: true, text: JSON.stringify(value) }
  return new Encoder(options).encode(value)
}

/**
 * The same for a value with details beside it. Of those, what can't be sent is left out, unless that is all of one.
 *
 * @param shared - whether they may have objects in common with the value
 */
export function encodeWithDetails (
  value: unknown, details: Details, shared: boolean, options: EncodeOptions = {}
): EncodedValue {
  if (shared || !isPlainJson(value)) return new Encoder(options).encode(value, details)
  const text = JSON.stringify(value)
  return { plain: true, text, beside: new Encoder(options).encodeBeside(details, text.length) }
}

/** Details alone, of a value that is sent without a table. */
export function encodeDetails (details: Details): string {
  return new Encoder({}).encodeBeside(details)
}

/** The same for a message, of which fields that are undefined need not arrive. */
export function encodeMessage (message: object, options: EncodeOptions = {}): EncodedValue {
  if (isPlainMessage(message)) return { plain: true, text: JSON.stringify(message) }
  return encodeFields(message, options)
}

/** The same as `encodeMessage`, always in the format of our own. */
export function encodeFields (message: object, options: EncodeOptions = {}): EncodedValue {
  const fields = Object.entries(message).filter(([, field]) => field !== undefined)
  return new Encoder(options).encode(Object.fromEntries(fields))
}

/** The same as `encodeValue`, always in the format of our own, and nothing beside it. */
export function encodeTable (value: unknown, options: EncodeOptions = {}): string {
  return new Encoder(options).encode(value).text
}
