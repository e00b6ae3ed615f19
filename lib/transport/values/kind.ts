import { types } from 'node:util'

/** What a value is to the wire. */
export type Kind =
  | { readonly is: 'record' | 'boxed' | 'unsendable' }
  /** One that has a name on the wire. */
  | { readonly is: 'named', readonly name: string }

/** An object whose own enumerable fields are all that travels. */
export const RECORD: Kind = { is: 'record' }
const BOXED: Kind = { is: 'boxed' }
const UNSENDABLE: Kind = { is: 'unsendable' }

const isInstanceOf = (type: unknown) => (value: object): boolean => typeof type === 'function' && value instanceof type

/**
 * Each by the tag of `Object.prototype.toString`, with the proof that it is no other object that says so. Neither
 * depends on the realm that the object comes from.
 */
const NAMED: Readonly<Record<string, (value: object) => boolean>> = {
  Date: types.isDate,
  RegExp: types.isRegExp,
  Map: types.isMap,
  Set: types.isSet,
  ArrayBuffer: types.isArrayBuffer,
  DataView: types.isDataView,
  Int8Array: types.isTypedArray,
  Uint8Array: types.isTypedArray,
  Uint8ClampedArray: types.isTypedArray,
  Int16Array: types.isTypedArray,
  Uint16Array: types.isTypedArray,
  Int32Array: types.isTypedArray,
  Uint32Array: types.isTypedArray,
  Float32Array: types.isTypedArray,
  Float64Array: types.isTypedArray,
  BigInt64Array: types.isTypedArray,
  BigUint64Array: types.isTypedArray,
  URL: isInstanceOf(URL),
  URLSearchParams: isInstanceOf(URLSearchParams),
  Error: value => types.isNativeError(value) || value instanceof Error,
  DOMException: isInstanceOf(DOMException)
}

/** What lives in its process: without this they would arrive as empty objects. */
const BOUND_TO_THE_PROCESS = new Set([
  'Promise', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'Generator', 'AsyncGenerator', 'Iterator',
  'Map Iterator', 'Set Iterator', 'Array Iterator', 'String Iterator', 'AbortSignal', 'AbortController',
  'ReadableStream', 'WritableStream', 'TransformStream', 'Blob', 'File', 'FormData', 'MessagePort', 'MessageChannel',
  'SharedArrayBuffer', 'Atomics', 'Response', 'Request'
])

/** Tells what an object is that is no array. */
export function kindOf (value: object): Kind {
  const tag = tagOf(value)
  if (tag === 'Object') {
    if (value instanceof Error) return { is: 'named', name: 'Error' }
    return isStream(value) ? UNSENDABLE : RECORD
  }
  if (Object.hasOwn(NAMED, tag) && NAMED[tag]?.(value) === true) {
    return { is: 'named', name: Buffer.isBuffer(value) ? 'Buffer' : tag }
  }
  if (types.isBoxedPrimitive(value)) return BOXED
  return BOUND_TO_THE_PROCESS.has(tag) || isStream(value) ? UNSENDABLE : RECORD
}

/** Names what can't be sent, for an error message. */
export function describeUnsendable (value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  if (isStream(value)) return 'a stream'
  const name = tagOf(value)
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

function tagOf (value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/** Streams and sockets of Node, whoever wrote them. */
function isStream (value: object): boolean {
  const { pipe, on } = value as { pipe?: unknown, on?: unknown }
  return typeof pipe === 'function' && typeof on === 'function'
}
