import type { Codec, SlotWriter } from './codec'
import { CODECS } from './codecs'
import { hasHole } from './collection-codecs'
import { describeUnsendable, kindOf, RECORD, type Kind } from './kind'
import { isPlainJson, isPlainMessage } from './plain-json'
import { bigintSlot, numberSlot, UNDEFINED, type Slot } from './slot'
import { expectFields } from './sparse-fields'
import { formatPath, UnsendableValue, type PathKey } from './unsendable-value'
import { isAffordable, WorkBudget } from './work-budget'

/** A value as a text: of JSON where that expresses it exactly, else of our own format. */
export interface EncodedValue {
  readonly plain: boolean
  readonly text: string
}

export interface EncodeOptions {
  /** What the value is called in the paths of errors; its fields start them where there is no name. */
  readonly root?: string
  /** Whether what can't be sent is left out there, and not refused; what errors carry always is. */
  readonly leavesOut?: (path: string) => boolean
  /** Whether errors take their stacks along. */
  readonly stacks?: boolean
}

/**
 * Encodes a value so that `decodeValue` makes the same of it. The format of our own is one JSON text: a table of
 * objects that refer to each other by their places in it, so that shared objects stay shared, circles are nothing
 * special, and no depth is too deep. (Libraries for this are ES modules only, and `v8.serialize` is not made for bytes
 * of strangers nor for peers with another Node.)
 *
 * @throws {@link UnsendableValue} for a function, a symbol, a stream, …
 */
export function encodeValue (value: unknown, options: EncodeOptions = {}): EncodedValue {
  if (isPlainJson(value)) return { plain: true, text: JSON.stringify(value) }
  return { plain: false, text: encodeTable(value, options) }
}

/** The same for a message, of which fields that are undefined need not arrive. */
export function encodeMessage (message: object, options: EncodeOptions = {}): EncodedValue {
  if (isPlainMessage(message)) return { plain: true, text: JSON.stringify(message) }
  return { plain: false, text: encodeFields(message, options) }
}

/** The same as `encodeMessage`, always in the format of our own. */
export function encodeFields (message: object, options: EncodeOptions = {}): string {
  const fields = Object.entries(message).filter(([, field]) => field !== undefined)
  return encodeTable(Object.fromEntries(fields), options)
}

/** The same as `encodeValue`, always in the format of our own. */
export function encodeTable (value: unknown, options: EncodeOptions = {}): string {
  return new Encoder(options).encode(value)
}

/** More objects than this never fit into a message; a getter may go on for ever making new ones. */
const MAX_ENTRIES = 2 ** 22

/** And so may a `toJSON`: to this depth of what one made in what another made. */
const MAX_JSON_DEPTH = 1_000

interface Source {
  readonly value: object
  /** How it is written; undefined for field by field. */
  readonly name: string | undefined
  /** The entry that it was found in first, and where. */
  readonly parent: number
  readonly key: PathKey
  /** How many objects around it were made by a `toJSON`. */
  readonly jsonDepth: number
  /** Whether it is an error, or in one. */
  readonly inError: boolean
}

class Encoder implements SlotWriter {
  readonly stacks: boolean
  /** Entry 0 is the slot of the whole value. */
  private readonly table: unknown[] = [null]
  private readonly sources: Array<Source | undefined> = [undefined]
  private readonly known = new Map<object, Slot>()
  private readonly budget = new WorkBudget()
  private current = 0
  /** Of what was claimed the most by one object, and that object. */
  private most = 0
  private heaviest = 0

  constructor (private readonly options: EncodeOptions) {
    this.stacks = options.stacks ?? false
  }

  encode (value: unknown): string {
    const root = this.slot(value, this.options.root ?? '')
    this.table[0] = root === undefined ? UNDEFINED : root
    // Entry by entry: the list grows as objects are found in objects.
    for (let entry = 1; entry < this.sources.length; entry++) {
      this.current = entry
      this.table[entry] = this.write(this.sources[entry] as Source)
    }
    const text = JSON.stringify(this.table)
    // What its reader would not take must not leave: it would cost the connection, and all calls on it.
    if (!this.budget.isCoveredBy(text.length)) this.refuseWork()
    return text
  }

  slot (value: unknown, key: PathKey): Slot | undefined {
    switch (typeof value) {
      case 'string':
      case 'boolean': return value
      case 'number': return numberSlot(value)
      case 'undefined': return UNDEFINED
      case 'bigint': return bigintSlot(value)
      case 'object': return value === null ? null : this.known.get(value) ?? this.objectSlot(value, key)
      default: return this.refuse(value, key)
    }
  }

  claimLength (length: number): void {
    if (this.budget.claimLength(length)) return
    throw new UnsendableValue(this.pathTo(this.current), `an array with holes and a length of ${length}`)
  }

  claimWork (work: number): void {
    this.budget.claim(work)
    if (work <= this.most) return
    this.most = work
    this.heaviest = this.current
  }

  private refuseWork (): never {
    const { value } = this.sources[this.heaviest] as Source
    const what = `${describeUnsendable(value)} that, alone or with others, ${TOO_MUCH_WORK}`
    throw new UnsendableValue(this.pathTo(this.heaviest), what)
  }

  private objectSlot (value: object, key: PathKey): Slot | undefined {
    const json = jsonOf(value, key)
    if (json === value) return this.addEntry(value, key)
    const slot = typeof json === 'object' && json !== null ? this.addEntry(json, key, 1) : this.slot(json, key)
    if (slot !== undefined) this.known.set(value, slot)
    return slot
  }

  private addEntry (value: object, key: PathKey, json = 0): Slot | undefined {
    const known = this.known.get(value)
    if (known !== undefined) return known
    const kind = kindOfAny(value)
    if (kind.is === 'unsendable') return this.refuse(value, key)
    if (kind.is === 'boxed') return this.slot(value.valueOf(), key)
    const name = kind.is === 'named' ? kind.name : undefined
    if (name !== undefined && !isCheap(name, value)) return this.refuse(value, key, costly(value))
    return this.addSource(value, key, name, json)
  }

  private addSource (value: object, key: PathKey, name: string | undefined, json: number): Slot {
    const parent = this.sources[this.current]
    const jsonDepth = (parent?.jsonDepth ?? 0) + json
    const inError = parent?.inError === true || name === 'Error'
    const entry = this.sources.push({ value, name, parent: this.current, key, jsonDepth, inError }) - 1
    if (entry > MAX_ENTRIES || jsonDepth > MAX_JSON_DEPTH) throw new RangeError('it holds too many objects')
    const slot: Slot = [entry]
    this.known.set(value, slot)
    return slot
  }

  private write ({ value, name }: Source): unknown {
    const codec = name === undefined ? undefined : CODECS.get(name)
    if (codec === undefined) return this.writeRecord(value)
    const entry: unknown[] = [name]
    codec.write(value, entry, this)
    return entry
  }

  private writeRecord (value: object): object {
    const record = value as Readonly<Record<string, unknown>>
    const entry: Record<string, Slot> = {}
    const keys = Object.keys(record)
    expectFields(entry, keys)
    for (const key of keys) {
      const slot = this.slot(record[key], key)
      if (slot === undefined) continue
      if (key === '__proto__') Object.defineProperty(entry, key, { value: slot, enumerable: true })
      else entry[key] = slot
    }
    return entry
  }

  /** Leaves a value out, or ends all. What an error carries beside its message must not keep it from its way. */
  private refuse (value: unknown, key: PathKey, what?: string): undefined {
    if (this.sources[this.current]?.inError === true) return undefined
    const path = this.pathTo(this.current, key)
    if (this.options.leavesOut?.(path) === true) return undefined
    throw new UnsendableValue(path, what ?? describeUnsendable(value))
  }

  private pathTo (entry: number, ...keys: PathKey[]): string {
    for (let at = this.sources[entry]; at !== undefined; at = this.sources[at.parent]) keys.unshift(at.key)
    return formatPath(keys.filter((key, index) => index > 0 || key !== ''))
  }
}

const TOO_MUCH_WORK = 'takes far longer to make than to read'
const costly = (value: object): string => `${describeUnsendable(value)} that ${TOO_MUCH_WORK}`

/** Whether its reader will make one of this kind in a time that its length allows. */
function isCheap (name: string, value: object): boolean {
  const made = (CODECS.get(name) as Codec).work?.(value)
  return made === undefined || isAffordable(made.work, made.length)
}

/** Those whose `toJSON` knows less than we do. */
const KEPT = new Set(['Date', 'Buffer', 'URL', 'Error', 'DOMException'])

/** What JSON would make of an object that says so itself; any other is itself. */
function jsonOf (value: object, key: PathKey): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON !== 'function') return value
  const kind = kindOfAny(value)
  return kind.is === 'named' && KEPT.has(kind.name) ? value : toJSON.call(value, String(key))
}

const ARRAY: Kind = { is: 'named', name: 'Array' }
const SPARSE: Kind = { is: 'named', name: 'Sparse' }

function kindOfAny (value: object): Kind {
  if (Array.isArray(value)) return hasHole(value) ? SPARSE : ARRAY
  return Object.getPrototypeOf(value) === Object.prototype ? RECORD : kindOf(value)
}
