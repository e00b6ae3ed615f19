import { types } from 'node:util'
import { SegmentedMap } from '../collections/segmented-map'
import { noteShared } from '../collections/shared-objects'
import { isListClass, isSetClass, throwIfSparse } from './data-kinds'
import { fieldsOf, propertiesOf } from '../record'

/** The types that `@Type` may name to have a value converted. */
const CONVERTED: readonly unknown[] = [String, Number, Boolean, Date, Buffer]

/** A BigInt of more bits is made no text: writing decimal digits takes time that grows with their square. */
export const MAX_TEXT_BITS = 8_192

/** A typed array of more items is made no text, number or date: each item may take a microsecond. */
export const MAX_TEXT_ITEMS = 10_000

/** A BigInt of so many characters counts as they do, by the eight; shorter ones take little. */
const LONG = 1n << 2_048n
const LONG_PIECES = 64

const LARGEST = 1n << BigInt(MAX_TEXT_BITS)

/** Whether values are converted to a type, not made instances of it. */
export function isConverted (type: unknown): boolean {
  return CONVERTED.includes(type)
}

/** A value as `@Type(() => Number)` and the like require it; an object of that type stays the same. */
function convert (value: unknown, type: unknown): unknown {
  if (type === Boolean) return Boolean(value)
  if (type === Buffer) return Buffer.isBuffer(value) ? value : toBuffer(value)
  if (type === Date && value instanceof Date) return value
  throwIfLong(value, type)
  if (type === String) return String(value)
  return type === Number ? Number(value) : Reflect.construct(Date, [value])
}

/** @throws RangeError where the text of a value takes longer to write than the value to send */
function throwIfLong (value: unknown, type: unknown): void {
  if (isManyItems(value) && value.length > MAX_TEXT_ITEMS) {
    throw new RangeError(`a typed array of more than ${MAX_TEXT_ITEMS} items is no text, number or date: send a list`)
  }
  const big: unknown = types.isBigIntObject(value) ? BigInt.prototype.valueOf.call(value) : value
  if (type === String && isBeyond(big, LARGEST)) {
    throw new RangeError(`a BigInt of more than ${MAX_TEXT_BITS} bits is no text: send it as a text`)
  }
}

function isBeyond (value: unknown, limit: bigint): boolean {
  return typeof value === 'bigint' && (value >= limit || value <= -limit)
}

/** Whether a value is a typed array whose items are written one by one; the bytes of a Buffer are read as a text. */
function isManyItems (value: unknown): value is NodeJS.TypedArray {
  return types.isTypedArray(value) && !Buffer.isBuffer(value)
}

/**
 * The objects that were converted for one call: each once for a type, however many places share it. A few bytes can
 * refer to the same megabyte again and again, and each text or copy of it would take its time and memory.
 */
export class Conversions {
  private readonly made = new Map<unknown, SegmentedMap<object, { readonly result: unknown }>>()

  /** @param count - is told how many pieces of data were read beyond the value itself */
  constructor (private readonly count: (pieces: number) => void) {}

  /** A value as {@link convert} makes it. */
  of (value: unknown, type: unknown): unknown {
    if (typeof value === 'object' && value !== null) return this.once(value, type)
    if (type === String && isBeyond(value, LONG)) this.count(LONG_PIECES)
    return convert(value, type)
  }

  private once (value: object, type: unknown): unknown {
    let made = this.made.get(type)
    if (made === undefined) this.made.set(type, made = new SegmentedMap())
    // Many small objects may refer to one list of bytes.
    const source = type === Buffer ? byteList(value) ?? value : value
    const known = made.get(source)
    if (known === undefined) {
      if (type !== Boolean && isManyItems(value)) this.count(value.length)
      const result = convert(value, type)
      made.add(source, { result })
      return result
    }
    return noteShared(known.result)
  }
}

/** Of a value that has bytes; not of `{ length: 1e9 }`, for which Node would allocate them. */
function toBuffer (value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  const list = byteList(value)
  if (list === undefined) throw new TypeError(`a ${typeof value} is no Buffer`)
  throwIfSparse(list)
  // Lists in a list, which may share lists, would each be made a text first.
  if (list.every(item => typeof item === 'number')) return Buffer.from(list)
  throw new TypeError('a list with other items than numbers is no Buffer')
}

/** The list in what JSON makes of a Buffer. */
function byteList (value: unknown): number[] | undefined {
  const { type, data } = fieldsOf(value)
  return type === 'Buffer' && Array.isArray(data) ? data : undefined
}

/** What a list or the like is made to, its items, and how they are added. */
export interface EmptyCollection {
  readonly result: object
  readonly length: number
  readonly itemOf: (index: number) => unknown
  readonly add: (item: unknown, index: number) => void
}

/** Prepares the list, Set or Map that is made of a value. @param declared - what the compiler left for the property */
export function emptyCollection (value: object, declared: unknown): EmptyCollection {
  if (value instanceof Set) return setOf(new Set(), [...value])
  if (value instanceof Map) {
    const items = [...value.values()]
    return mapOf([...value.keys()], index => items[index])
  }
  if (!Array.isArray(value)) {
    // Each value when it is its turn: a list of all would take longer than the rest.
    const keys = Object.keys(value)
    return mapOf(keys, index => propertiesOf(value)[keys[index]])
  }
  throwIfSparse(value)
  if (isSetClass(declared)) return setOf(new declared(), value)
  const result: unknown[] = isListClass(declared) ? new declared() : []
  return { result, length: value.length, itemOf: index => value[index] as unknown, add: item => { result.push(item) } }
}

function setOf (result: Set<unknown>, items: readonly unknown[]): EmptyCollection {
  return { result, length: items.length, itemOf: index => items[index], add: item => { result.add(item) } }
}

function mapOf (keys: readonly unknown[], itemOf: EmptyCollection['itemOf']): EmptyCollection {
  const result = new Map<unknown, unknown>()
  return { result, length: keys.length, itemOf, add: (item, index) => { result.set(keys[index], item) } }
}
