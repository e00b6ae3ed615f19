import type { SlotWriter } from './codec'
import { CODECS } from './codecs'
import { dispatchOf } from './dispatch'
import { jsonOf, nameOf } from './form'
import { describeUnsendable, kindOf } from './kind'
import { LengthBudget } from './length-budget'
import { isPlainJson, isPlainMessage } from './plain-json'
import { bigintSlot, numberSlot, UNDEFINED, type Slot } from './slot'
import { formatPath, UnsendableValue, type PathKey } from './unsendable-value'

/** A value as a text: of JSON where that expresses it exactly, else of our own format. */
export interface EncodedValue {
  readonly plain: boolean
  readonly text: string
  /**
   * What travels beside it, for who knows of that: what outside clients get in the place of objects in the value, and
   * details. A table that goes on where that of the value ends, so that they share what they have in common.
   */
  readonly beside?: string
}

/** What is said beside a value, by its name. */
export type Details = Readonly<Record<string, unknown>>

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
  return new Encoder(options).encode(value)
}

/**
 * The same for a value with details beside it. Of those, what can't be sent is left out, unless that is all of one.
 *
 * @param shared - whether they may have objects in common with the value
 */
export function encodeWithDetails (
  value: unknown, details: Details, shared: boolean, options: EncodeOptions = {}
): EncodedValue {
  if (shared || !isPlainJson(value)) return new Encoder(options).encode(value, details)
  return { plain: true, text: JSON.stringify(value), beside: new Encoder(options).encodeBeside(details) }
}

/** Details alone, of a value that is sent without a table. */
export function encodeDetails (details: Details): string {
  return new Encoder({}).encodeBeside(details)
}

/** The same for a message, of which fields that are undefined need not arrive. */
export function encodeMessage (message: object, options: EncodeOptions = {}): EncodedValue {
  if (isPlainMessage(message)) return { plain: true, text: JSON.stringify(message) }
  return encodeFields(message, options)
}

/** The same as `encodeMessage`, always in the format of our own. */
export function encodeFields (message: object, options: EncodeOptions = {}): EncodedValue {
  const fields = Object.entries(message).filter(([, field]) => field !== undefined)
  return new Encoder(options).encode(Object.fromEntries(fields))
}

/** The same as `encodeValue`, always in the format of our own, and nothing beside it. */
export function encodeTable (value: unknown, options: EncodeOptions = {}): string {
  return new Encoder(options).encode(value).text
}

/** More objects than this never fit into a message; a getter may go on for ever making new ones. */
const MAX_ENTRIES = 2 ** 22

/** And so may a `toJSON`: to this depth of what one made in what another made. */
const MAX_JSON_DEPTH = 1_000

interface Source {
  readonly value: object
  /** The entry that it was found in first, and where. */
  readonly parent: number
  readonly key: PathKey
  /** How many objects around it were made by a `toJSON`. */
  readonly jsonDepth: number
}

class Encoder implements SlotWriter {
  readonly stacks: boolean
  /** Entry 0 is the slot of the whole value. */
  private readonly table: unknown[] = [null]
  private readonly sources: Array<Source | undefined> = [undefined]
  private readonly known = new Map<object, Slot>()
  private readonly lengths = new LengthBudget()
  private current = 0
  /** What outside clients get in the place of objects: their entries, and that. */
  private readonly dispatched: Array<readonly [entry: number, dispatch: unknown]> = []
  private isBeside = false

  constructor (private readonly options: EncodeOptions) {
    this.stacks = options.stacks ?? false
  }

  encode (value: unknown, details?: Details): EncodedValue {
    const root = this.slot(value, this.options.root ?? '')
    this.table[0] = root === undefined ? UNDEFINED : root
    this.writeEntries()
    const encoded = { plain: false, text: JSON.stringify(this.table) }
    if (details === undefined && this.dispatched.length === 0) return encoded
    return { ...encoded, beside: this.encodeBeside(details) }
  }

  /** The details, what clients get in the place of which entry, and the entries that this takes. */
  encodeBeside (details: Details = {}): string {
    this.isBeside = true
    const { table: { length: end }, dispatched } = this
    const named = Object.entries(details).filter(([, detail]) => detail !== undefined)
    const slots = named.map(([name, detail]) => [name, this.whole(detail, name)])
    const places: unknown[] = []
    this.writeEntries()
    // The list grows as more are found in those.
    for (const [entry, dispatch] of dispatched) {
      this.current = entry
      places.push(entry, this.whole(dispatch, 'dispatch'))
      this.writeEntries()
    }
    return JSON.stringify([Object.fromEntries(slots), places, ...this.table.slice(end)])
  }

  /** Entry by entry: the list grows as objects are found in objects. */
  private writeEntries (): void {
    for (let entry = this.table.length; entry < this.sources.length; entry++) {
      this.current = entry
      this.table.push(this.write((this.sources[entry] as Source).value))
    }
    this.current = 0
  }

  /** The slot of what must not be left out: the client would get what it stands for. */
  private whole (value: unknown, key: PathKey): Slot {
    const slot = this.slot(value, key)
    if (slot === undefined) throw new UnsendableValue(this.pathTo(this.current, key), describeUnsendable(value))
    return slot
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
    if (this.lengths.claim(length)) return
    throw new UnsendableValue(this.pathTo(this.current), `an array with holes and a length of ${length}`)
  }

  private objectSlot (value: object, key: PathKey): Slot | undefined {
    const json = jsonOf(value, key)
    if (json === value) return this.addEntry(value, key)
    const slot = typeof json === 'object' && json !== null ? this.addEntry(json, key, 1) : this.slot(json, key)
    if (slot !== undefined) this.known.set(value, slot)
    if (typeof json === 'object' && json !== null) this.noteDispatch(value, slot)
    return slot
  }

  private addEntry (value: object, key: PathKey, json = 0): Slot | undefined {
    const known = this.known.get(value)
    if (known !== undefined) return known
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
      const { is } = kindOf(value)
      if (is === 'unsendable') return this.refuse(value, key)
      if (is === 'boxed') return this.slot(value.valueOf(), key)
    }
    const jsonDepth = (this.sources[this.current]?.jsonDepth ?? 0) + json
    const entry = this.sources.push({ value, parent: this.current, key, jsonDepth }) - 1
    if (entry > MAX_ENTRIES || jsonDepth > MAX_JSON_DEPTH) throw new RangeError('it holds too many objects')
    const slot: Slot = [entry]
    this.known.set(value, slot)
    this.noteDispatch(value, slot)
    return slot
  }

  private noteDispatch (value: object, slot: Slot | undefined): void {
    const dispatch = dispatchOf(value)
    if (dispatch === undefined || !Array.isArray(slot) || typeof slot[0] !== 'number') return
    this.dispatched.push([slot[0], dispatch])
  }

  private write (value: object): unknown {
    const name = nameOf(value)
    const codec = name === undefined ? undefined : CODECS.get(name)
    return codec === undefined ? this.writeRecord(value) : [name, ...codec.write(value, this)]
  }

  private writeRecord (value: object): object {
    const record = value as Readonly<Record<string, unknown>>
    const entry: Record<string, Slot> = {}
    for (const key of Object.keys(record)) {
      const slot = this.slot(record[key], key)
      if (slot === undefined) continue
      if (key === '__proto__') Object.defineProperty(entry, key, { value: slot, enumerable: true })
      else entry[key] = slot
    }
    return entry
  }

  /** Leaves a value out, or ends all. */
  private refuse (value: unknown, key: PathKey): undefined {
    const path = this.pathTo(this.current, key)
    if (this.isBeside || this.isInError() || this.options.leavesOut?.(path) === true) return undefined
    throw new UnsendableValue(path, describeUnsendable(value))
  }

  /** What an error carries beside its message must not keep it from its way. */
  private isInError (): boolean {
    for (let at = this.sources[this.current]; at !== undefined; at = this.sources[at.parent]) {
      if (nameOf(at.value) === 'Error') return true
    }
    return false
  }

  private pathTo (entry: number, ...keys: PathKey[]): string {
    for (let at = this.sources[entry]; at !== undefined; at = this.sources[at.parent]) keys.unshift(at.key)
    return formatPath(keys.filter((key, index) => index > 0 || key !== ''))
  }
}
