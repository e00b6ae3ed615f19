import type { Codec } from './codec'
import { MalformedValue } from './malformed-value'

type View = ArrayBufferView
type ViewClass = new (buffer: ArrayBuffer) => View

/**
 * Only the bytes that a view shows travel, never the rest of the memory behind it: small Buffers share theirs. So two
 * views of one memory arrive with memory of their own.
 */
function toBase64 ({ buffer, byteOffset, byteLength }: View): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function fromBase64 (base64: unknown): Buffer {
  if (typeof base64 !== 'string') throw new MalformedValue('bytes that are none')
  return Buffer.from(base64, 'base64')
}

/** Memory of its own, which a view of any size of items can lie on. */
function toArrayBuffer (base64: unknown): ArrayBuffer {
  const bytes = fromBase64(base64)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}

function viewCodec (View: ViewClass): Codec<View> {
  // A length that is no multiple of the size of an item makes the constructor throw.
  return { write: view => [toBase64(view)], make: ([base64]) => new View(toArrayBuffer(base64)) }
}

const VIEWS: readonly ViewClass[] = [
  DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array
]

const arrayBufferCodec: Codec<ArrayBuffer> = {
  write: buffer => [Buffer.from(buffer).toString('base64')],
  make: ([base64]) => toArrayBuffer(base64)
}

const bufferCodec: Codec<Buffer> = {
  write: buffer => [buffer.toString('base64')],
  make: ([base64]) => fromBase64(base64)
}

/** Everything that is made of bytes, in base64. */
export const bytesCodecs = {
  ArrayBuffer: arrayBufferCodec,
  Buffer: bufferCodec,
  ...Object.fromEntries(VIEWS.map(View => [View.name, viewCodec(View)]))
}
