import type { Codec, Entry, SlotReader } from './codec'
import { MalformedValue } from './malformed-value'

type View = ArrayBufferView
type ViewClass = new (buffer: ArrayBuffer) => View

/** To take memory from the system costs as much as to read so many characters, and the shortest of these has less. */
const MEMORY_WORK = 24

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
function toArrayBuffer (base64: unknown, reader: SlotReader): ArrayBuffer {
  reader.claimWork(MEMORY_WORK)
  const { buffer, byteOffset, byteLength } = fromBase64(base64)
  // Large ones have their own already, small ones share it.
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}

function viewCodec (View: ViewClass): Codec<View> {
  return {
    write (view, entry, writer) {
      writer.claimWork(MEMORY_WORK)
      entry.push(toBase64(view))
    },
    // A length that is no multiple of the size of an item makes the constructor throw.
    make: (entry, reader) => new View(toArrayBuffer(entry[1], reader))
  }
}

const VIEWS: readonly ViewClass[] = [
  DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array
]

const arrayBufferCodec: Codec<ArrayBuffer> = {
  write (buffer, entry, writer) {
    writer.claimWork(MEMORY_WORK)
    entry.push(Buffer.from(buffer).toString('base64'))
  },
  make: (entry, reader) => toArrayBuffer(entry[1], reader)
}

const bufferCodec: Codec<Buffer> = {
  write: (buffer, entry) => { entry.push(buffer.toString('base64')) },
  make: (entry: Entry) => fromBase64(entry[1])
}

/** Everything that is made of bytes, in base64. */
export const bytesCodecs = {
  ArrayBuffer: arrayBufferCodec,
  Buffer: bufferCodec,
  ...Object.fromEntries(VIEWS.map(View => [View.name, viewCodec(View)]))
}
