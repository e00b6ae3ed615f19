import { fieldsOf } from '../record'

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

/** Of a value that has bytes; not of `{ length: 1e9 }`, for which Node would allocate them. */
function toBuffer (value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  const { type, data } = fieldsOf(value)
  if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data)
  throw new TypeError(`a ${typeof value} is no Buffer`)
}
