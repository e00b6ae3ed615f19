import { types } from 'node:util'
import { hasHole } from './codecs/arrays'
import { isError } from './codecs/errors'

/**
 * JSON can express trees only: it writes an object once for each path that leads to it. A table of a few hundred bytes
 * can describe objects with more paths than there are atoms. So before a value from elsewhere is turned into JSON, the
 * length of that JSON is estimated.
 */

/** Characters of JSON that any value may become. */
const ALLOWANCE = 2 ** 22

/** Beyond that, how many times the length of its distinct objects the JSON may have. */
const MAX_REPEATED = 4

/** Characters that surround a field or an item, and those of a value that is no string. */
const PUNCTUATION = 4
const SHORT = 5

/**
 * `JSON.stringify`, except that it rejects values whose JSON would be far longer than their distinct objects.
 *
 * @throws RangeError
 */
export function jsonText (value: unknown): string | undefined {
  throwIfEndlessJson(value)
  return JSON.stringify(value)
}

/**
 * Rejects values whose JSON would be far longer than their distinct objects.
 *
 * @throws RangeError
 */
export function throwIfEndlessJson (value: unknown): void {
  if (typeof value === 'object' && value !== null && new Unfolding().isTooLong(value)) {
    throw new RangeError('it holds the same objects in too many places for JSON, which writes each place out')
  }
}

interface Visit {
  readonly object: object
  readonly children: readonly unknown[]
  next: number
  /** Characters of the object itself. */
  own: number
  /** Characters of the object and of the children visited so far. */
  length: number
}

/** Estimates the length of a value as a tree in one visit of each of its objects. */
class Unfolding {
  /** The length of each object; NaN while the object is visited. */
  private readonly lengths = new Map<object, number>()
  private readonly path: Visit[] = []
  /** Characters of all distinct objects. */
  private distinct = 0

  isTooLong (value: object): boolean {
    this.visit(value)
    let length = 0
    for (let visit = this.path.at(-1); visit !== undefined; visit = this.path.at(-1)) {
      if (visit.next < visit.children.length) {
        visit.length += this.lengthOf(visit.children[visit.next++])
        continue
      }
      this.path.pop()
      this.distinct += visit.own
      length = visit.length
      this.lengths.set(visit.object, length)
      const around = this.path.at(-1)
      if (around !== undefined) around.length += length
    }
    return length > ALLOWANCE + MAX_REPEATED * this.distinct
  }

  /** The length of a value; that of an object not visited yet is added after its visit. */
  private lengthOf (value: unknown): number {
    if (typeof value !== 'object' || value === null) return 0
    const known = this.lengths.get(value)
    // JSON.stringify takes the same path, and throws here at a circular reference.
    if (known !== undefined) return Number.isNaN(known) ? 0 : known
    this.visit(value)
    return 0
  }

  private visit (object: object): void {
    this.lengths.set(object, NaN)
    const children = childrenOf(object)
    const own = ownLength(object, children)
    this.path.push({ object, children, next: 0, own, length: own + holesOf(object, children) })
  }
}

/** The fields that JSON writes. Those that a `toJSON` returns are unknown, as it is not called twice. */
function childrenOf (object: object): readonly unknown[] {
  if (types.isTypedArray(object)) return []
  if (typeof (object as { toJSON?: unknown }).toJSON === 'function') return isError(object) ? fieldsOfError(object) : []
  if (!Array.isArray(object) || hasHole(object)) return Object.values(object)
  return object as readonly unknown[]
}

interface ErrorWithDetails extends Error {
  readonly data?: unknown
  readonly errors?: unknown
}

/** The `toJSON` of Feathers' errors returns their fields, these two also where they are not enumerable. */
function fieldsOfError (error: ErrorWithDetails): readonly unknown[] {
  return [...Object.values(error) as unknown[], error.message, error.data, error.errors]
}

function ownLength (object: object, children: readonly unknown[]): number {
  let length = PUNCTUATION + children.length * (PUNCTUATION + SHORT)
  for (const child of children) if (typeof child === 'string') length += child.length
  if (!Array.isArray(object) && children.length > 0) for (const key in object) length += key.length
  return length
}

/** Characters for holes, each of which JSON writes as null. */
function holesOf (object: object, children: readonly unknown[]): number {
  return Array.isArray(object) ? Math.max(0, object.length - children.length) * SHORT : 0
}
