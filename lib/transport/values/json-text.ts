import { types } from 'node:util'
import { FeathersError } from '@feathersjs/errors'
import { hasSharedByPeers, isSharedByPeer } from '../../collections/shared-objects'
import { hasHole } from './codecs/arrays'
import { isError } from './codecs/errors'
import { lengthOfLeaf, lengthOfPrimitive, lengthOfText, lengthWithoutToJSON, PUNCTUATION, SHORT } from './json-length'

/**
 * JSON can express trees only: it writes an object once for each path that leads to it. A table of a few hundred bytes
 * can describe objects with more paths than there are atoms. So before a value from elsewhere is turned into JSON, the
 * length of that JSON is estimated.
 */

/** Characters of JSON that any value may become. */
const MAX_FREE_LENGTH = 2 ** 22

/** Beyond that, how many times the length of its distinct objects the JSON may have. */
const MAX_REPEATED = 4

/**
 * Characters that a byte of a typed array or a Buffer counts for among those of distinct objects: JSON has more. One of
 * two megabytes is too long for JSON as a Uint8Array, and not as a Buffer.
 */
const CHARACTERS_PER_BYTE = 3

/** Characters that a copy of a graph of another node may become, of which nobody can tell where it came from. */
const MAX_COPY_LENGTH = 2 ** 26

const ENDLESS = 'it holds the same objects in too many places for JSON, which writes each place out'

/** Calls of `toJSON` for one value: each may return new objects. */
const MAX_CALLS = 2 ** 20

/**
 * Objects around another one. `JSON.stringify`, and what sockets look for bytes with, call themselves for each of them:
 * where the stack ends, the error that a client gets is that of the engine. Getters may return new objects forever.
 */
const MAX_DEPTH = 1_000

/** Items of typed arrays in one value: JSON writes each as a field with a name, which takes long. */
const MAX_TYPED_ITEMS = 65_536

/**
 * `JSON.stringify`, except that it rejects values whose JSON would be far longer than their distinct objects.
 *
 * @param indent - spaces before what is within something, on a line of its own; without it, all is one line
 * @throws RangeError
 */
export function jsonText (value: unknown, indent?: number): string | undefined {
  throwIfEndlessJson(value)
  return JSON.stringify(value, undefined, indent)
}

/**
 * Rejects values whose JSON would be far longer than their distinct objects.
 *
 * @throws RangeError
 */
export function throwIfEndlessJson (value: unknown): void {
  if (typeof value === 'object' && value !== null && new Unfolding(value).isTooLong) {
    throw new RangeError(ENDLESS)
  }
}

/**
 * The same for what is written as nothing but text, also where other clients get bytes as they are.
 *
 * @throws RangeError
 */
export function throwIfEndlessText (value: object): void {
  const unfolding = new Unfolding(value)
  if (unfolding.isTooLong) throw new RangeError(ENDLESS)
  if (unfolding.typedItems > MAX_TYPED_ITEMS) {
    throw new RangeError(`it holds ${unfolding.typedItems} items of typed arrays, and JSON has a field for each; make a ` +
      'Buffer, a list or a text of them')
  }
}

/**
 * The same for what this node made itself, of what other nodes may have sent. It may repeat its own objects as often as
 * it likes, up to a length that no node should write at once; those that came from others count as above.
 *
 * @throws RangeError
 */
export function throwIfEndlessOfPeers (value: unknown): void {
  if (!hasSharedByPeers() || typeof value !== 'object' || value === null) return
  if (new Unfolding(value).isTooLongOfPeers) throw new RangeError(ENDLESS)
}

interface Visit {
  readonly object: object
  readonly children: readonly unknown[]
  next: number
  /** Characters of the object itself, as far as its message has as many. */
  own: number
  /** Characters of the object and of the children visited so far. */
  length: number
}

/** Estimates the length of a value as a tree in one visit of each of its objects. */
export class Unfolding {
  /** The length of each object; NaN while the object is visited. */
  private readonly lengths = new Map<object, number>()
  private readonly path: Visit[] = []
  /** Characters of all distinct objects. */
  private distinct = 0
  /** Characters of objects of this program, wherever they occur again. */
  private repeated = 0
  private calls = 0
  /** Items of typed arrays, in all places. */
  typedItems = 0

  /** Characters of the JSON, or more than it has. */
  readonly length: number

  constructor (value: object) {
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
    this.length = length
  }

  get isTooLong (): boolean {
    return this.length > MAX_FREE_LENGTH + MAX_REPEATED * this.distinct
  }

  /** The same where the program's own objects count in each place. */
  get isTooLongOfPeers (): boolean {
    return this.length > MAX_FREE_LENGTH + MAX_REPEATED * this.distinct + Math.min(this.repeated, MAX_COPY_LENGTH)
  }

  /** The length of a value; that of an object not visited yet is added after its visit. */
  private lengthOf (value: unknown): number {
    if (typeof value !== 'object' || value === null) return 0
    const known = this.lengths.get(value)
    // JSON.stringify takes the same path, and throws here at a circular reference.
    if (known !== undefined) {
      if (Number.isNaN(known)) return 0
      if (!isSharedByPeer(value)) this.repeated += known
      return known
    }
    this.visit(value)
    return 0
  }

  private visit (object: object): void {
    if (this.path.length > MAX_DEPTH) throw new RangeError('its objects are nested too deeply for JSON')
    this.lengths.set(object, NaN)
    const toJSON: unknown = Reflect.get(object, 'toJSON')
    const leaf = lengthOfLeaf(object, toJSON)
    if (leaf !== undefined) return this.addLeaf(object, object, leaf, isMethod(toJSON))
    if (!isMethod(toJSON)) return this.addFields(object, object)
    const children = isError(object) ? fieldsOfError(object) : []
    if (!isError(object) || toJSON !== FeathersError.prototype.toJSON) {
      const written = this.call(object, toJSON)
      // JSON does not call the toJSON of what another one returned.
      if (!isError(object) && hasToJSON(written)) return this.addFields(object, written)
      children.push(written)
    }
    const own = ownLength(object, children)
    this.add(object, children, own, own)
  }

  /** @param written - the object whose fields JSON writes in the place of another one, mostly that itself */
  private addFields (object: object, written: object): void {
    const leaf = written === object && !hasToJSON(object) ? undefined : lengthWithoutToJSON(written)
    if (leaf !== undefined) return this.addLeaf(object, written, leaf, false)
    const children = childrenOf(written)
    const own = ownLength(written, children)
    this.add(object, children, own + holesOf(written, children), own)
  }

  /** @param hasForm - whether it has a short form of its own in JSON, as a Buffer has */
  private addLeaf (object: object, written: object, length: number, hasForm: boolean): void {
    if (!hasForm) this.typedItems += itemsOfTyped(written)
    this.add(object, NO_CHILDREN, length, distinctOf(written, length))
  }

  private add (object: object, children: readonly unknown[], length: number, own: number): void {
    this.path.push({ object, children, next: 0, own, length })
  }

  /** What JSON writes in the place of an object. Where its `toJSON` throws, it does so again while JSON is written. */
  private call (object: object, toJSON: Method): unknown {
    if (++this.calls > MAX_CALLS) {
      throw new RangeError('its toJSON methods return too many objects for JSON')
    }
    try {
      return Reflect.apply(toJSON, object, [''])
    } catch {
      return undefined
    }
  }
}

type Method = (key: string) => unknown

function isMethod (value: unknown): value is Method {
  return typeof value === 'function'
}

const NO_CHILDREN: readonly unknown[] = []

function hasToJSON (value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'
}

function itemsOfTyped (object: object): number {
  return types.isTypedArray(object) ? object.length : 0
}

function distinctOf (object: object, length: number): number {
  return ArrayBuffer.isView(object) ? Math.min(length, PUNCTUATION + object.byteLength * CHARACTERS_PER_BYTE) : length
}

/** The fields that JSON writes of an object, unless it calls its `toJSON`. */
function childrenOf (object: object): readonly unknown[] {
  if (!Array.isArray(object) || hasHole(object)) return Object.values(object)
  return object as readonly unknown[]
}

interface ErrorWithDetails extends Error {
  readonly data?: unknown
  readonly errors?: unknown
}

/**
 * The `toJSON` of Feathers' errors returns their fields, these two also where they are not enumerable; its sockets send
 * the fields of any error.
 */
function fieldsOfError (error: ErrorWithDetails): unknown[] {
  return [...Object.values(error) as unknown[], error.name, error.message, error.data, error.errors]
}

function ownLength (object: object, children: readonly unknown[]): number {
  let length = PUNCTUATION + children.length * (PUNCTUATION + SHORT)
  for (const child of children) length += lengthOfPrimitive(child)
  if (!Array.isArray(object) && children.length > 0) for (const key in object) length += lengthOfText(key) - 2
  return length
}

/** Characters for holes, each of which JSON writes as null. */
function holesOf (object: object, children: readonly unknown[]): number {
  return Array.isArray(object) ? Math.max(0, object.length - children.length) * SHORT : 0
}
