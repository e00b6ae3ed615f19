import type { Codec, SlotWriter } from './codecs/codec'
import { dispatchOf } from '../../dispatch'
import type { Details, EncodedValue, EncodeOptions } from './encoded-value'
import { formatPath, UnsendableValue, type PathKey } from './errors'
import { expectFields } from './fields'
import { describeUnsendable, jsonOf, kindOf } from './kind'
import { bigintSlot, numberSlot, UNDEFINED, type Slot } from './slot'
import { DISPATCH_WORK, isAffordable, WorkBudget } from './work-budget'

/** More objects than this never fit into a message; a getter could return new ones for ever. */
const MAX_ENTRIES = 2 ** 22

/** A `toJSON` could as well: the most objects that lie in each other because a `toJSON` created them. */
const MAX_JSON_DEPTH = 1_000

const TOO_MUCH_WORK = 'takes far longer to make than to read'

/** An object of the value. */
interface Source {
  readonly value: object
  /** The codec that writes it; undefined for a record. */
  readonly codec: Codec | undefined
  /** The entry of the object in which it was found first, and its key there. */
  readonly parent: number
  readonly key: PathKey
  /** How many of the objects around it were created by a `toJSON`. */
  readonly jsonDepth: number
  /** Whether it belongs to an object whose codec omits what can't be sent. */
  readonly omitsUnsendable: boolean
}

/** Encodes one value, and what travels beside it, as a table of objects. */
export class Encoder implements SlotWriter {
  readonly stacks: boolean
  /** Entry 0 is the slot of the whole value. */
  private readonly table: unknown[] = [null]
  private readonly sources: Array<Source | undefined> = [undefined]
  private readonly known = new Map<object, Slot>()
  private readonly budget = new WorkBudget()
  /** The entry that is being written. */
  private current = 0
  /** The largest claim of work by one object, and the entry of that object. */
  private maxWork = 0
  private heaviest = 0
  /** The entries of objects that outside clients get something else for, and what they get. */
  private readonly dispatched: Array<readonly [entry: number, dispatch: unknown]> = []
  private isBeside = false

  constructor (private readonly options: EncodeOptions) {
    this.stacks = options.stacks ?? false
  }

  /** Encodes a value, and details beside it. */
  encode (value: unknown, details?: Details): EncodedValue {
    const root = this.slot(value, this.options.root ?? '')
    this.table[0] = root === undefined ? UNDEFINED : root
    this.writeEntries()
    const text = JSON.stringify(this.table)
    // The text must cover its own work: some receivers ignore what travels beside it.
    this.throwIfUncovered(text.length)
    if (details === undefined && this.dispatched.length === 0) return { plain: false, text }
    return { plain: false, text, beside: this.encodeBeside(details, text.length) }
  }

  /**
   * Encodes the details, the dispatch of each entry that has one, and the entries of further objects in them.
   *
   * @param length - the length of the text beside which it travels
   */
  encodeBeside (details: Details = {}, length = 0): string {
    this.isBeside = true
    const { table: { length: end }, dispatched } = this
    const named = Object.entries(details).filter(([, detail]) => detail !== undefined)
    const slots = named.map(([name, detail]) => [name, this.requiredSlot(detail, name)])
    const places: unknown[] = []
    this.writeEntries()
    // The list grows during the loop when a dispatch holds objects that have one as well.
    for (const [entry, dispatch] of dispatched) {
      this.current = entry
      this.claimWork(DISPATCH_WORK)
      places.push(entry, this.requiredSlot(dispatch, 'dispatch'))
      this.writeEntries()
    }
    const text = JSON.stringify([Object.fromEntries(slots), places, ...this.table.slice(end)])
    this.throwIfUncovered(length + text.length)
    return text
  }

  /** Writes the entries of all objects. The list grows during the loop as objects are found in objects. */
  private writeEntries (): void {
    for (let entry = this.table.length; entry < this.sources.length; entry++) {
      const source = this.sources[entry]
      if (source === undefined) continue
      this.current = entry
      this.table.push(this.write(source))
    }
    this.current = 0
  }

  /** The slot of a value that must not be omitted: clients would get the value that it replaces. */
  private requiredSlot (value: unknown, key: PathKey): Slot {
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
      default: return this.omitOrThrow(value, key)
    }
  }

  claimLength (length: number): void {
    if (this.budget.claimLength(length)) return
    throw new UnsendableValue(this.pathTo(this.current), `an array with holes and a length of ${length}`)
  }

  claimWork (work: number): void {
    this.budget.claim(work)
    if (work <= this.maxWork) return
    this.maxWork = work
    this.heaviest = this.current
  }

  /** Throws for a text that its receiver would reject: sending it would cost the connection, and all calls on it. */
  private throwIfUncovered (length: number): void {
    if (this.budget.isCoveredBy(length)) return
    const value = this.sources[this.heaviest]?.value
    const what = `${describeUnsendable(value)} that, alone or with others, ${TOO_MUCH_WORK}`
    throw new UnsendableValue(this.pathTo(this.heaviest), what)
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
    const kind = kindOf(value)
    if (kind === 'unsendable') return this.omitOrThrow(value, key)
    if (kind === 'boxed') return this.slot(value.valueOf(), key)
    const codec = kind === 'record' ? undefined : kind
    const made = codec?.work?.(value)
    if (made !== undefined && !isAffordable(made.work, made.length)) return this.omitOrThrow(value, key, TOO_MUCH_WORK)
    return this.addSource(value, key, codec, json)
  }

  private addSource (value: object, key: PathKey, codec: Codec | undefined, json: number): Slot {
    const parent = this.sources[this.current]
    const jsonDepth = (parent?.jsonDepth ?? 0) + json
    const omitsUnsendable = parent?.omitsUnsendable === true || codec?.omitsUnsendable === true
    const entry = this.sources.push({ value, codec, parent: this.current, key, jsonDepth, omitsUnsendable }) - 1
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

  private write ({ value, codec }: Source): unknown {
    if (codec === undefined) return this.writeRecord(value)
    const entry: unknown[] = [codec.name]
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

  /**
   * Omits a value, or throws. Errors always omit: whatever they hold beside their message, the error has to arrive.
   *
   * @param why - what is wrong with a value of a kind that can be sent
   */
  private omitOrThrow (value: unknown, key: PathKey, why?: string): undefined {
    if (this.isBeside || this.sources[this.current]?.omitsUnsendable === true) return undefined
    const path = this.pathTo(this.current, key)
    if (this.options.leavesOut?.(path) === true) return undefined
    const what = describeUnsendable(value)
    throw new UnsendableValue(path, why === undefined ? what : `${what} that ${why}`)
  }

  private pathTo (entry: number, ...keys: PathKey[]): string {
    for (let at = this.sources[entry]; at !== undefined; at = this.sources[at.parent]) keys.unshift(at.key)
    return formatPath(keys.filter((key, index) => index > 0 || key !== ''))
  }
}
