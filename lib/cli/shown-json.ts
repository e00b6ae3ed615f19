import { setOwn } from '../record'
import { jsonText } from '../transport/values/json-text'

/** Levels of what is shown with a line for each value: deeper ones would be more spaces than anything else. */
const MAX_INDENTED = 100

/**
 * JSON of what a peer sent.
 *
 * @param isForPeople - whether it may have many lines
 * @throws RangeError for what holds the same objects in so many places that its JSON has no end
 */
export function shownJson (value: unknown, isForPeople = false): string {
  const copy = new PlainCopy()
  const plain = copy.of(value)
  const hasLines = isForPeople && copy.depth <= MAX_INDENTED
  return jsonText(plain, hasLines ? 2 : undefined) ?? 'undefined'
}

/** Copies a value, each object of it once, with numbers and lists for what JSON has no form for. */
class PlainCopy {
  /** The most levels of it. */
  depth = 0
  private readonly copies = new Map<object, unknown>()

  of (value: unknown, depth = 0): unknown {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'object' || value === null) return value
    this.depth = Math.max(this.depth, depth)
    const known = this.copies.get(value)
    if (known !== undefined) return known
    if (Array.isArray(value) || value instanceof Map || value instanceof Set) return this.list(value, depth)
    const { toJSON } = value as { readonly toJSON?: unknown }
    if (typeof toJSON === 'function' || ArrayBuffer.isView(value)) return value
    return this.fields(value, depth)
  }

  private list (items: object & Iterable<unknown>, depth: number): unknown[] {
    const copy: unknown[] = []
    // First: it may be within itself.
    this.copies.set(items, copy)
    for (const item of items) copy.push(this.of(item, depth + 1))
    return copy
  }

  private fields (value: object, depth: number): object {
    const copy = {}
    this.copies.set(value, copy)
    for (const [name, field] of Object.entries(value)) setOwn(copy, name, this.of(field, depth + 1))
    return copy
  }
}
