import { DISPATCH } from '../../dispatch'
import { kindOf } from './kind'

/** Deeper values go by the table, which has no depth. */
const MAX_DEPTH = 100

/** What outside clients get instead travels beside the value, by the table. */
interface Marked {
  readonly [DISPATCH]?: unknown
}

/** Up to so many objects are compared one by one, which is quicker than a set. */
const FEW = 12

/**
 * Whether JSON expresses a value exactly, so that nothing is lost if it travels as JSON. Looks at all of it,
 * and costs a small part of what `JSON.stringify` does.
 */
export function isPlainJson (value: unknown): boolean {
  return new PlainWalk().isPlain(value, 0)
}

/** The same for the fields of a message, those aside that are undefined: they need not arrive. */
export function isPlainMessage (message: object): boolean {
  const walk = new PlainWalk()
  const fields = message as Readonly<Record<string, unknown>>
  for (const key in fields) if (fields[key] !== undefined && !walk.isPlain(fields[key], 1)) return false
  return true
}

/** One look at one value. An object that it meets twice is shared, or holds itself: JSON can't tell. */
class PlainWalk {
  private few: object[] | undefined
  private many: Set<object> | undefined

  isPlain (value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
      case 'boolean': return true
      // -0 becomes 0 in JSON, NaN and the infinities null.
      case 'number': return value === 0 ? 1 / value > 0 : value - value === 0
      case 'object': return value === null || this.isPlainObject(value, depth)
      default: return false
    }
  }

  private isPlainObject (value: object, depth: number): boolean {
    if (depth > MAX_DEPTH || this.isKnown(value)) return false
    if (Array.isArray(value)) return this.isPlainArray(value, depth)
    if (Object.getPrototypeOf(value) !== Object.prototype && kindOf(value).is !== 'record') return false
    const record = value as Readonly<Record<string, unknown>> & Marked
    if (record.toJSON !== undefined || record[DISPATCH] !== undefined) return false
    // Quicker than Object.keys; what the prototype of a class instance adds only makes it look less plain.
    for (const key in record) if (!this.isPlain(record[key], depth + 1)) return false
    return true
  }

  private isPlainArray (items: readonly unknown[], depth: number): boolean {
    // By index: a hole is undefined here, which is not plain either.
    for (let index = 0; index < items.length; index++) if (!this.isPlain(items[index], depth + 1)) return false
    const { toJSON, [DISPATCH]: dispatch } = items as { readonly toJSON?: unknown } & Marked
    return toJSON === undefined && dispatch === undefined
  }

  private isKnown (value: object): boolean {
    const { many } = this
    if (many !== undefined) return many.size === many.add(value).size
    const few = this.few ??= []
    if (few.includes(value)) return true
    if (few.push(value) === FEW) this.many = new Set(few)
    return false
  }
}
