import { types } from 'node:util'
import type { Codec } from './codec'
import { MalformedValue } from '../errors'

type View = ArrayBufferView
type ListClass = new (buffer: ArrayBuffer) => NodeJS.TypedArray

/** The work of allocating memory, and of a small list of numbers or a Buffer, which V8 keeps beside its own objects. */
const MEMORY_WORK = 64
const LIST_WORK = 36
const BUFFER_WORK = 24

/** Lists of so many characters of base64 are small. */
const SMALL = 88
/** Where the bytes of small lists are decoded. Creating memory for each would take longer than all the rest. */
const scratch = new ArrayBuffer(72)
const scratchBytes = Buffer.from(scratch)

/**
 * Encodes only the bytes that a view shows, never the rest of the memory behind it: small Buffers share theirs. So two
 * views of the same memory arrive with separate memory.
 */
function toBase64 ({ buffer, byteOffset, byteLength }: View): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function textOf (base64: unknown): string {
  if (typeof base64 !== 'string') throw new MalformedValue('bytes that are none')
  return base64
}

/** Decodes bytes to memory that is not shared, and is aligned for views of any item size. */
function toArrayBuffer (base64: string): ArrayBuffer {
  if (base64.length <= SMALL) return scratch.slice(0, scratchBytes.write(base64, 'base64'))
  const { buffer, byteOffset, byteLength } = Buffer.from(base64, 'base64')
  // Large Buffers have memory of their own, small ones share a pool. Neither is a SharedArrayBuffer.
  if (byteLength === buffer.byteLength) return buffer
  return buffer.slice(byteOffset, byteOffset + byteLength)
}

/** A kind of list of numbers. */
function listCodec (List: ListClass): Codec<NodeJS.TypedArray> {
  const small = new List(scratch)
  const workOf = (base64: string): number => base64.length <= SMALL ? LIST_WORK : MEMORY_WORK
  return {
    name: List.name,
    is: types.isTypedArray,
    write (list, entry, writer) {
      const base64 = toBase64(list)
      writer.claimWork(workOf(base64))
      entry.push(base64)
    },
    make (entry, reader) {
      const base64 = textOf(entry[1])
      reader.claimWork(workOf(base64))
      // The constructor throws if the length is no multiple of the item size.
      if (base64.length > SMALL) return new List(toArrayBuffer(base64))
      const length = scratchBytes.write(base64, 'base64') / small.BYTES_PER_ELEMENT
      if (!Number.isInteger(length)) throw new MalformedValue('a list with a part of a number')
      return small.slice(0, length)
    }
  }
}

const LISTS: readonly ListClass[] = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array
]

function memoryCodec<T extends View | ArrayBuffer> (
  name: string, is: (value: object) => boolean, bytesOf: (value: T) => string, make: (memory: ArrayBuffer) => T
): Codec<T> {
  return {
    name,
    is,
    write (value, entry, writer) {
      writer.claimWork(MEMORY_WORK)
      entry.push(bytesOf(value))
    },
    make (entry, reader) {
      reader.claimWork(MEMORY_WORK)
      return make(toArrayBuffer(textOf(entry[1])))
    }
  }
}

/** A Buffer, which has the tag of a Uint8Array and is therefore recognised before its tag counts. */
export const bufferCodec: Codec<Buffer> = {
  name: 'Buffer',
  ignoresToJSON: true,
  write (buffer, entry, writer) {
    writer.claimWork(BUFFER_WORK)
    entry.push(buffer.toString('base64'))
  },
  make (entry, reader) {
    reader.claimWork(BUFFER_WORK)
    return Buffer.from(textOf(entry[1]), 'base64')
  }
}

/** Memory and the views of it, in base64. */
export const bytesCodecs: readonly Codec[] = [
  memoryCodec<ArrayBuffer>('ArrayBuffer', types.isArrayBuffer,
    memory => Buffer.from(memory).toString('base64'), memory => memory),
  memoryCodec<DataView>('DataView', types.isDataView, toBase64, memory => new DataView(memory)),
  bufferCodec,
  ...LISTS.map(listCodec)
]
