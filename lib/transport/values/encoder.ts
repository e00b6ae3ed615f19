import type { SlotWriter } from './codec'
import { CODECS } from './codecs'
import { dispatchOf } from '../../dispatch'
import type { Details, EncodedValue, EncodeOptions } from './encoded-value'
import { formOf, isCheap, jsonOf } from './form'
import { describeUnsendable } from './kind'
import { bigintSlot, numberSlot, UNDEFINED, type Slot } from './slot'
import { expectFields } from './sparse-fields'
import { formatPath, UnsendableValue, type PathKey } from './unsendable-value'
import { DISPATCH_WORK, WorkBudget } from './work-budget'

/** More objects than this never fit into a message; a getter may go on for ever making new ones. */
const MAX_ENTRIES = 2 ** 22

/** And so may a `toJSON`: to this depth of what one made in what another made. */
const MAX_JSON_DEPTH = 1_000

const TOO_MUCH_WORK = 'takes far longer to make than to read'

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

/** Writes one value, and what goes beside it, as a table of its objects. */
export class Encoder implements SlotWriter {
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
    const text = JSON.stringify(this.table)
    // By itself: there are readers that pass over what goes beside it.
    this.refuseUncovered(text.length)
    if (details === undefined && this.dispatched.length === 0) return { plain: false, text }
    return { plain: false, text, beside: this.encodeBeside(details, text.length) }
  }

  /**
   * The details, what clients get in the place of which entry, and the entries that this takes.
   *
   * @param length - of the text that it goes beside
   */
  encodeBeside (details: Details = {}, length = 0): string {
    this.isBeside = true
    const { table: { length: end }, dispatched } = this
    const named = Object.entries(details).filter(([, detail]) => detail !== undefined)
    const slots = named.map(([name, detail]) => [name, this.whole(detail, name)])
    const places: unknown[] = []
    this.writeEntries()
    // The list grows as more are found in those.
    for (const [entry, dispatch] of dispatched) {
      this.current = entry
      this.claimWork(DISPATCH_WORK)
      places.push(entry, this.whole(dispatch, 'dispatch'))
      this.writeEntries()
    }
    const text = JSON.stringify([Object.fromEntries(slots), places, ...this.table.slice(end)])
    this.refuseUncovered(length + text.length)
    return text
  }

  /** Entry by entry: the list grows as objects are found in objects. */
  private writeEntries (): void {
    for (let entry = this.table.length; entry < this.sources.length; entry++) {
      this.current = entry
      this.table.push(this.write(this.sources[entry] as Source))
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
    if (this.budget.claimLength(length)) return
    throw new UnsendableValue(this.pathTo(this.current), `an array with holes and a length of ${length}`)
  }

  claimWork (work: number): void {
    this.budget.claim(work)
    if (work <= this.most) return
    this.most = work
    this.heaviest = this.current
  }

  /** What its reader would not take must not leave: it would cost the connection, and all calls on it. */
  private refuseUncovered (length: number): void {
    if (this.budget.isCoveredBy(length)) return
    const { value } = this.sources[this.heaviest] as Source
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
    const kind = formOf(value)
    if (kind.is === 'unsendable') return this.refuse(value, key)
    if (kind.is === 'boxed') return this.slot(value.valueOf(), key)
    const name = kind.is === 'named' ? kind.name : undefined
    if (name !== undefined && !isCheap(name, value)) return this.refuse(value, key, TOO_MUCH_WORK)
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
    this.noteDispatch(value, slot)
    return slot
  }

  private noteDispatch (value: object, slot: Slot | undefined): void {
    const dispatch = dispatchOf(value)
    if (dispatch === undefined || !Array.isArray(slot) || typeof slot[0] !== 'number') return
    this.dispatched.push([slot[0], dispatch])
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

  /**
   * Leaves a value out, or ends all. What an error carries beside its message must not keep it from its way.
   *
   * @param why - what is wrong with it, where it is of a kind that can be sent
   */
  private refuse (value: unknown, key: PathKey, why?: string): undefined {
    if (this.isBeside || this.sources[this.current]?.inError === true) return undefined
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
