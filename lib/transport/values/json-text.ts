import { types } from 'node:util'
import { hasHole } from './collection-codecs'

/**
 * JSON has trees only: it writes an object once for each way that leads to it. A few hundred bytes in the table make
 * objects with more ways than there are atoms, so where a value of others is to be JSON, its length is found out first.
 */

/** Characters of JSON that a value of any length may become. */
const ALLOWANCE = 2 ** 22

/** How many times as long as its objects, each told once, JSON may be besides. */
const MAX_REPEATED = 4

/** Characters beside the name of a field or an item, and those of a value that is no text. */
const PUNCTUATION = 4
const SHORT = 5

/**
 * `JSON.stringify`, which refuses what would be longer by far than its objects are, each told once.
 *
 * @throws RangeError
 */
export function jsonText (value: unknown): string | undefined {
  refuseEndlessJson(value)
  return JSON.stringify(value)
}

/**
 * Refuses what JSON would repeat far beyond its length.
 *
 * @throws RangeError
 */
export function refuseEndlessJson (value: unknown): void {
  if (typeof value === 'object' && value !== null && new Unfolding().isTooLong(value)) {
    throw new RangeError('it holds the same objects in too many places for JSON, which writes each place out')
  }
}

interface Visit {
  readonly object: object
  readonly children: readonly unknown[]
  next: number
  /** Characters that are its own, and with those of what is in it. */
  own: number
  length: number
}

/** How long a value is as a tree, found out by one look at each of its objects. */
class Unfolding {
  /** The length of each object; NaN while it is looked at. */
  private readonly lengths = new Map<object, number>()
  private readonly path: Visit[] = []
  private told = 0

  isTooLong (value: object): boolean {
    this.visit(value)
    let length = 0
    for (let visit = this.path.at(-1); visit !== undefined; visit = this.path.at(-1)) {
      if (visit.next < visit.children.length) {
        visit.length += this.lengthOf(visit.children[visit.next++])
        continue
      }
      this.path.pop()
      this.told += visit.own
      length = visit.length
      this.lengths.set(visit.object, length)
      const around = this.path.at(-1)
      if (around !== undefined) around.length += length
    }
    return length > ALLOWANCE + MAX_REPEATED * this.told
  }

  /** The length of a value; of an object that was not looked at yet, it is added later. */
  private lengthOf (value: unknown): number {
    if (typeof value !== 'object' || value === null) return 0
    const known = this.lengths.get(value)
    // What holds itself ends JSON.stringify, which goes the same way and gets no further than here.
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

/** What JSON takes from an object's fields; of what says itself what it is in JSON, that is not asked for twice. */
function childrenOf (object: object): readonly unknown[] {
  if (types.isTypedArray(object)) return []
  if (typeof (object as { toJSON?: unknown }).toJSON === 'function') return isError(object) ? fieldsOf(object) : []
  if (!Array.isArray(object) || hasHole(object)) return Object.values(object)
  return object as readonly unknown[]
}

const isError = (object: object): object is ErrorWithDetails => types.isNativeError(object) || object instanceof Error

interface ErrorWithDetails extends Error {
  readonly data?: unknown
  readonly errors?: unknown
}

/** An error of Feathers says in JSON what it has, these two also where they are hidden. */
function fieldsOf (error: ErrorWithDetails): readonly unknown[] {
  return [...Object.values(error) as unknown[], error.message, error.data, error.errors]
}

function ownLength (object: object, children: readonly unknown[]): number {
  let length = PUNCTUATION + children.length * (PUNCTUATION + SHORT)
  for (const child of children) if (typeof child === 'string') length += child.length
  if (!Array.isArray(object) && children.length > 0) for (const key in object) length += key.length
  return length
}

/** JSON writes each hole out. */
function holesOf (object: object, children: readonly unknown[]): number {
  return Array.isArray(object) ? Math.max(0, object.length - children.length) * SHORT : 0
}
