import { types } from 'node:util'
import { arrayCodec, hasHole, sparseArrayCodec } from './codecs/arrays'
import { bufferCodec } from './codecs/bytes'
import type { Codec } from './codecs/codec'
import { CODECS } from './codecs/codecs'
import { errorCodec } from './codecs/errors'
import type { PathKey } from './errors'

/**
 * How an object travels: by a codec that keeps its type, as a record of its own enumerable fields, as the primitive
 * that it boxes, or not at all.
 */
export type Kind = Codec | 'record' | 'boxed' | 'unsendable'

/** Objects that only work in their process. Without this list they would arrive as empty objects. */
const BOUND_TO_THE_PROCESS = new Set([
  'Promise', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'Generator', 'AsyncGenerator', 'Iterator',
  'Map Iterator', 'Set Iterator', 'Array Iterator', 'String Iterator', 'AbortSignal', 'AbortController',
  'ReadableStream', 'WritableStream', 'TransformStream', 'Blob', 'File', 'FormData', 'MessagePort', 'MessageChannel',
  'SharedArrayBuffer', 'Atomics', 'Response', 'Request'
])

/** The kind of any object. */
export function kindOf (value: object): Kind {
  if (Array.isArray(value)) return hasHole(value) ? sparseArrayCodec : arrayCodec
  return Object.getPrototypeOf(value) === Object.prototype ? 'record' : kindOfInstance(value)
}

/** The kind of an object that is no array, and not known to be a plain object. */
export function kindOfInstance (value: object): Kind {
  const tag = tagOf(value)
  if (tag === 'Object') {
    if (value instanceof Error) return errorCodec
    return isStream(value) ? 'unsendable' : 'record'
  }
  const codec = CODECS.get(tag)
  if (codec?.is?.(value) === true) return Buffer.isBuffer(value) ? bufferCodec : codec
  if (types.isBoxedPrimitive(value)) return 'boxed'
  return BOUND_TO_THE_PROCESS.has(tag) || isStream(value) ? 'unsendable' : 'record'
}

/** What JSON would use in place of an object that has a `toJSON`; any other object is returned itself. */
export function jsonOf (value: object, key: PathKey): unknown {
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON !== 'function') return value
  const kind = kindOf(value)
  return typeof kind === 'object' && kind.ignoresToJSON === true ? value : toJSON.call(value, String(key))
}

/** Names a value that can't be sent, for an error message. */
export function describeUnsendable (value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  if (isStream(value)) return 'a stream'
  const name = tagOf(value)
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

function tagOf (value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/** Streams and sockets of Node, and anything else that implements their interface. */
function isStream (value: object): boolean {
  const { pipe, on } = value as { readonly pipe?: unknown, readonly on?: unknown }
  return typeof pipe === 'function' && typeof on === 'function'
}
