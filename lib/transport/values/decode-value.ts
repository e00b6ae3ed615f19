import type { Codec, Entry, SlotReader } from './codecs/codec'
import { CODECS } from './codecs/codecs'
import { typeWithStack } from './codecs/errors'
import { noteShared } from '../../collections/shared-objects'
import { setDispatch } from '../../dispatch'
import type { DecodedValue, EncodedValue } from './encoded-value'
import { ERROR_CLASSES, type ErrorClass, type ErrorClasses } from './error-classes'
import { CostlyValue, MalformedValue } from './errors'
import { messageOf } from '../../printable'
import { isRecord } from '../../record'
import { wordValue } from './slot'
import { DISPATCH_WORK, WorkBudget } from './work-budget'

/** A value, and the details that travelled beside it. */
export type { DecodedValue } from './encoded-value'

/**
 * Decodes a value that `encodeValue` encoded, and what travels beside it. The texts may come from anybody: others are
 * rejected, decoding costs no more than their length, and no prototype can be reached.
 *
 * @param errorClasses - the classes that errors may be instances of, by their names
 * @param budget - limits the work
 * @throws {@link MalformedValue}, and {@link CostlyValue} among them
 */
export function decodeValue (
  { plain, text, beside }: EncodedValue, errorClasses: ErrorClasses = ERROR_CLASSES,
  budget: WorkBudget = new WorkBudget()
): DecodedValue {
  try {
    if (beside !== undefined) return decodeBeside({ plain, text, beside }, errorClasses, budget)
    if (plain) return { value: JSON.parse(text) }
    return { value: new Decoder(tableOf(text), errorClasses, budget, text.length).decode() }
  } catch (error) {
    throw malformed(error)
  }
}

function decodeBeside (
  { plain, text, beside }: Required<EncodedValue>, errorClasses: ErrorClasses, budget: WorkBudget
): DecodedValue {
  const table = plain ? [null] : tableOf(text)
  const [details, places, ...entries] = tableOf(beside)
  if (!isRecord(details) || !Array.isArray(places)) throw new MalformedValue('nothing that goes beside a value')
  const decoder = new Decoder([...table, ...entries], errorClasses, budget, text.length + beside.length)
  const decoded = decoder.decode()
  decoder.place(places)
  decoder.fillRecord(details)
  const value: unknown = plain ? JSON.parse(text) : decoded
  return Object.keys(details).length === 0 ? { value } : { value, details }
}

function tableOf (text: string): unknown[] {
  const table: unknown = JSON.parse(text)
  if (!Array.isArray(table) || table.length === 0) throw new MalformedValue('no table')
  return table
}

/** Wraps errors of JSON.parse, and of constructors that reject their arguments. */
function malformed (error: unknown): MalformedValue {
  if (error instanceof MalformedValue) return error
  return new MalformedValue(messageOf(error), { cause: error })
}

/** Decodes one table. */
class Decoder implements SlotReader {
  private readonly objects: object[]
  /** Which of them were referred to. */
  private readonly referred: Uint8Array
  private typesWithStack: Map<ErrorClass, ErrorClass> | undefined

  constructor (
    private readonly table: unknown[], readonly errorClasses: ErrorClasses,
    private readonly budget: WorkBudget, private readonly length: number
  ) {
    this.objects = new Array<object>(table.length)
    this.referred = new Uint8Array(table.length)
  }

  decode (): unknown {
    const { table, objects } = this
    // All objects are created before any is filled, as each may refer to any other.
    for (let entry = 1; entry < table.length; entry++) objects[entry] = this.make(entry)
    for (let entry = 1; entry < table.length; entry++) this.fill(objects[entry], table[entry])
    return this.read(table[0])
  }

  /** Sets on objects what outside clients get in place of them: pairs of an entry and a slot. */
  place (places: readonly unknown[]): void {
    for (let n = 0; n + 1 < places.length; n += 2) {
      const object = this.objectOf(places[n])
      if (object === undefined) throw new MalformedValue('a place that is no entry')
      this.claimWork(DISPATCH_WORK)
      setDispatch(object, this.read(places[n + 1]))
    }
  }

  read (slot: unknown): unknown {
    if (typeof slot !== 'object' || slot === null) return slot
    if (!Array.isArray(slot)) throw new MalformedValue('a slot that is none')
    // By index: destructuring a list costs more than all the rest here.
    const first: unknown = slot[0]
    if (typeof first === 'string') return wordValue(first, slot[1])
    const object = this.objectOf(first)
    if (object === undefined) throw new MalformedValue('a reference to no entry')
    const entry = first as number
    if (this.referred[entry] === 1) noteShared(object)
    else this.referred[entry] = 1
    return object
  }

  claimLength (length: number): void {
    if (!this.budget.claimLength(length)) throw new MalformedValue('arrays that are too long together')
  }

  claimWork (work: number): void {
    this.budget.claim(work)
    if (!this.budget.isCoveredBy(this.length)) throw new CostlyValue('more work than its length allows')
  }

  typeWithStack (type: ErrorClass): ErrorClass {
    const known = this.typesWithStack?.get(type)
    if (known !== undefined) return known
    const made = typeWithStack(type)
    this.typesWithStack ??= new Map()
    this.typesWithStack.set(type, made)
    return made
  }

  /** The object of an entry. A name in place of a number could find something else, such as a prototype. */
  private objectOf (entry: unknown): object | undefined {
    return typeof entry === 'number' ? this.objects[entry] : undefined
  }

  private make (index: number): object {
    const entry = this.table[index]
    if (typeof entry !== 'object' || entry === null) throw new MalformedValue('an entry that is no object')
    if (!Array.isArray(entry)) return entry
    const codec = codecOf(entry)
    if (codec === undefined) throw new MalformedValue('an entry of an unknown kind')
    // What is read already need not stay in memory: most of the time goes to collecting and moving what does.
    if (codec.fill === undefined) this.table[index] = undefined
    return codec.make(entry, this)
  }

  private fill (object: object, entry: unknown): void {
    if (Array.isArray(entry)) codecOf(entry)?.fill?.(object, entry, this)
    else if (isRecord(entry)) this.fillRecord(entry)
  }

  /** Fills a parsed entry, which becomes the object itself. All of its keys are its own, also `__proto__`. */
  fillRecord (record: Record<string, unknown>): void {
    for (const key of Object.keys(record)) {
      const slot = record[key]
      if (typeof slot === 'object' && slot !== null) record[key] = this.read(slot)
    }
  }
}

function codecOf (entry: Entry): Codec | undefined {
  const name = entry[0]
  return typeof name === 'string' ? CODECS.get(name) : undefined
}
