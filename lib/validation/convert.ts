import { SegmentedMap } from '../collections/segmented-map'
import { noteShared } from '../collections/shared-objects'
import { isListClass, isSetClass, throwIfSparse } from './data-kinds'
import { fieldsOf, propertiesOf } from '../record'

/** The types that `@Type` may name to have a value converted. */
const CONVERTED: readonly unknown[] = [String, Number, Boolean, Date, Buffer]

/** Whether values are converted to a type, not made instances of it. */
export function isConverted (type: unknown): boolean {
  return CONVERTED.includes(type)
}

/** A value as `@Type(() => Number)` and the like require it; an object of that type stays the same. */
export function convert (value: unknown, type: unknown): unknown {
  if (type === String) return String(value)
  if (type === Number) return Number(value)
  if (type === Boolean) return Boolean(value)
  if (type === Date) return value instanceof Date ? value : Reflect.construct(Date, [value])
  return Buffer.isBuffer(value) ? value : toBuffer(value)
}

/**
 * The objects that were converted for one call: each once for a type, however many places share it. A few bytes can
 * refer to the same megabyte again and again, and each text or copy of it would take its time and memory.
 */
export class Conversions {
  private readonly made = new Map<unknown, SegmentedMap<object, { readonly result: unknown }>>()

  /** An object as {@link convert} makes it. */
  of (value: object, type: unknown): unknown {
    let made = this.made.get(type)
    if (made === undefined) this.made.set(type, made = new SegmentedMap())
    const known = made.get(value)
    if (known === undefined) {
      const result = convert(value, type)
      made.add(value, { result })
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
  const { type, data } = fieldsOf(value)
  if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data)
  throw new TypeError(`a ${typeof value} is no Buffer`)
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
