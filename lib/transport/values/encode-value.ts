import type { EncodedValue, EncodeOptions } from './encoded-value'
import { Encoder } from './encoder'
import { isPlainJson, isPlainMessage } from './plain-json'

/** What a value is encoded to, and how. */
export type { DecodedValue, Details, EncodedValue, EncodeOptions } from './encoded-value'

const NO_OPTIONS: EncodeOptions = {}

/**
 * Encodes a value so that `decodeValue` restores it. A value that JSON can't express becomes one JSON text in a format
 * of this package: a table of objects that refer to each other by their index. So shared objects stay shared, circular
 * references need no special case, and any depth is possible. (Libraries for this are ES modules only. `v8.serialize`
 * is not safe for bytes of strangers, nor for peers with another version of Node.)
 *
 * @throws {@link UnsendableValue} for a function, a symbol, a stream, …
 */
export function encodeValue (value: unknown, options: EncodeOptions = NO_OPTIONS): EncodedValue {
  const { details } = options
  if (!isPlain(value, options)) return new Encoder(options).encode(withoutUndefined(value, options), details)
  const text = JSON.stringify(value)
  if (details === undefined) return { plain: true, text }
  return { plain: true, text, beside: new Encoder(options).encodeBeside(details, text.length) }
}

function isPlain (value: unknown, { asTable, details, sharesObjects, omitsUndefined }: EncodeOptions): boolean {
  if (asTable === true || (details !== undefined && sharesObjects === true)) return false
  return omitsUndefined === true && isObject(value) ? isPlainMessage(value) : isPlainJson(value)
}

function withoutUndefined (value: unknown, { omitsUndefined }: EncodeOptions): unknown {
  if (omitsUndefined !== true || !isObject(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
