import { types } from 'node:util'
import type { Codec, SlotReader } from './codec'
import { MalformedValue } from '../errors'

type View = ArrayBufferView
type ViewClass = new (buffer: ArrayBuffer) => View

/** The work of allocating memory; the shortest entry has fewer characters. */
const MEMORY_WORK = 24

/**
 * Encodes only the bytes that a view shows, never the rest of the memory behind it: small Buffers share theirs. So two
 * views of the same memory arrive with separate memory.
 */
function toBase64 ({ buffer, byteOffset, byteLength }: View): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function fromBase64 (base64: unknown): Buffer {
  if (typeof base64 !== 'string') throw new MalformedValue('bytes that are none')
  return Buffer.from(base64, 'base64')
}

/** Decodes bytes to memory that is not shared, and is aligned for views of any item size. */
function toArrayBuffer (base64: unknown, reader: SlotReader): ArrayBuffer {
  reader.claimWork(MEMORY_WORK)
  const { buffer, byteOffset, byteLength } = fromBase64(base64)
  // Large Buffers have memory of their own, small ones share a pool. Neither is a SharedArrayBuffer.
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}

function viewCodec (View: ViewClass): Codec<View> {
  return {
    name: View.name,
    is: View === DataView ? types.isDataView : types.isTypedArray,
    write (view, entry, writer) {
      writer.claimWork(MEMORY_WORK)
      entry.push(toBase64(view))
    },
    // The constructor throws if the length is no multiple of the item size.
    make: (entry, reader) => new View(toArrayBuffer(entry[1], reader))
  }
}

const VIEWS: readonly ViewClass[] = [
  DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array
]

const arrayBufferCodec: Codec<ArrayBuffer> = {
  name: 'ArrayBuffer',
  is: types.isArrayBuffer,
  write (buffer, entry, writer) {
    writer.claimWork(MEMORY_WORK)
    entry.push(Buffer.from(buffer).toString('base64'))
  },
  make: (entry, reader) => toArrayBuffer(entry[1], reader)
}

/** A Buffer, which has the tag of a Uint8Array and is therefore recognised before its tag counts. */
export const bufferCodec: Codec<Buffer> = {
  name: 'Buffer',
  ignoresToJSON: true,
  write (buffer, entry) {
    entry.push(buffer.toString('base64'))
  },
  make: entry => fromBase64(entry[1])
}

/** Memory and the views of it, in base64. */
export const bytesCodecs: readonly Codec[] = [arrayBufferCodec, bufferCodec, ...VIEWS.map(viewCodec)]
