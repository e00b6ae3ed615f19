/** What class-transformer makes of a value by itself where `@Type` asks for it. */
const CONVERTED: readonly unknown[] = [String, Number, Boolean, Date, Buffer]

/** Whether values are converted to a type, not made instances of it. */
export function isConverted (type: unknown): boolean {
  return CONVERTED.includes(type)
}

/** A value as `@Type(() => Number)` and the like want it; an object that is one already stays the same. */
export function convert (value: unknown, type: unknown): unknown {
  if (type === String) return String(value)
  if (type === Number) return Number(value)
  if (type === Boolean) return Boolean(value)
  if (type === Date) return value instanceof Date ? value : new Date(value as string)
  return Buffer.isBuffer(value) ? value : toBuffer(value)
}

/** Of what has bytes; not of `{ length: 1e9 }`, for which Node would make room. */
function toBuffer (value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return Buffer.from(value as Uint8Array)
  const { type, data } = Object(value) as { type?: unknown, data?: unknown }
  if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data as number[])
  throw new TypeError(`a ${typeof value} is no Buffer`)
}
