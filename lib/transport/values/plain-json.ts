import { DISPATCH } from '../../dispatch'
import { kindOfInstance } from './kind'

/** Deeper values are sent as a table, which has no depth. */
const MAX_DEPTH = 100

/** Up to this number, objects are compared one by one, which is quicker than a set. */
const MAX_LISTED = 12

/** Properties of an object that JSON does not show as they are. A dispatch travels beside the value. */
interface Special {
  readonly [DISPATCH]?: unknown
  readonly toJSON?: unknown
}

/** The arguments of a call by their names. */
interface Arguments {
  readonly id?: unknown
  readonly data?: unknown
  readonly params?: unknown
}

/**
 * Whether JSON expresses a value exactly, so that it can travel as JSON without loss. This visits the whole value, and
 * takes a small part of the time of `JSON.stringify`.
 */
export function isPlainJson (value: unknown): boolean {
  return new PlainWalk().isPlain(value, 0)
}

/** The same for the arguments of a call, each of which may be missing. */
export function arePlainArguments ({ id, data, params }: Arguments): boolean {
  const walk = new PlainWalk()
  return (id === undefined || walk.isPlain(id, 1)) && (data === undefined || walk.isPlain(data, 1)) &&
    (params === undefined || walk.isPlain(params, 1))
}

/** The same for a message, whose fields may also be undefined: those need not arrive. */
export function isPlainMessage (message: object): boolean {
  const walk = new PlainWalk()
  const fields = message as Readonly<Record<string, unknown>>
  for (const key in fields) if (fields[key] !== undefined && !walk.isPlain(fields[key], 1)) return false
  return true
}

/** Visits one value. An object found twice is shared, or contains itself, which JSON can't express. */
class PlainWalk {
  private few: object[] | undefined
  private many: Set<object> | undefined

  isPlain (value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
      case 'boolean': return true
      // JSON turns -0 into 0, and NaN and the infinities into null.
      case 'number': return value === 0 ? 1 / value > 0 : value - value === 0
      case 'object': return value === null || this.isPlainObject(value, depth)
      default: return false
    }
  }

  private isPlainObject (value: object, depth: number): boolean {
    if (depth > MAX_DEPTH || this.isKnown(value)) return false
    if (Array.isArray(value)) return this.isPlainArray(value, depth)
    if (Object.getPrototypeOf(value) !== Object.prototype && kindOfInstance(value) !== 'record') return false
    const record = value as Readonly<Record<string, unknown>> & Special
    if (record.toJSON !== undefined || record[DISPATCH] !== undefined) return false
    // Quicker than Object.keys. Fields that a class inherits are visited as well, which can only make it less plain.
    for (const key in record) if (!this.isPlain(record[key], depth + 1)) return false
    return true
  }

  private isPlainArray (items: readonly unknown[] & Special, depth: number): boolean {
    // By index: a hole reads as undefined, which is not plain either.
    for (let index = 0; index < items.length; index++) if (!this.isPlain(items[index], depth + 1)) return false
    return items.toJSON === undefined && items[DISPATCH] === undefined
  }

  private isKnown (value: object): boolean {
    const { many } = this
    if (many !== undefined) return many.size === many.add(value).size
    const few = this.few ??= []
    if (few.includes(value)) return true
    if (few.push(value) === MAX_LISTED) this.many = new Set(few)
    return false
  }
}
