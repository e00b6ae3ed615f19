import type { Entry, ErrorClasses, SlotReader } from './codec'
import { CODECS } from './codecs'
import { setDispatch } from '../../dispatch'
import type { Details, EncodedValue } from './encoded-value'
import { ERROR_CLASSES } from './error-classes'
import { prototypeWithStack } from './error-codec'
import { MalformedValue } from './malformed-value'
import { isRecord } from '../../record'
import { wordValue } from './slot'
import { DISPATCH_WORK, WorkBudget } from './work-budget'

/** A value, and what was said beside it. */
export interface Decoded {
  readonly value: unknown
  /** The details, if there are any: whatever a peer sent under the names that it chose. */
  readonly details?: Details
}

/**
 * Makes the value of a text that `encodeTable` wrote. Whatever a stranger wrote instead makes a value or is refused;
 * it costs no more than its length, and reaches no prototype.
 *
 * @param errorClasses - the classes that errors can be instances of, by their names
 * @param budget - what counts the work of it
 * @throws {@link MalformedValue}
 */
export function decodeTable (
  text: string, errorClasses: ErrorClasses = ERROR_CLASSES, budget: WorkBudget = new WorkBudget()
): unknown {
  return refusingMalformed(() => new Decoder(tableOf(text), errorClasses, budget, text.length).decode())
}

/**
 * Makes the value of what was encoded, with all that travels beside it, which together costs no more than both lengths.
 *
 * @throws {@link MalformedValue}, as `decodeTable` does
 */
export function decodeValue (
  { plain, text, beside }: EncodedValue, errorClasses?: ErrorClasses, budget?: WorkBudget
): Decoded {
  if (beside !== undefined) return decodeBeside({ plain, text, beside }, errorClasses, budget)
  return { value: plain ? JSON.parse(text) : decodeTable(text, errorClasses, budget) }
}

function decodeBeside (
  { plain, text, beside }: Required<EncodedValue>,
  errorClasses: ErrorClasses = ERROR_CLASSES, budget: WorkBudget = new WorkBudget()
): Decoded {
  return refusingMalformed(() => {
    const table = plain ? [null] : tableOf(text)
    const [details, places, ...entries] = tableOf(beside)
    if (!isRecord(details) || !Array.isArray(places)) throw new MalformedValue('nothing that goes beside a value')
    const decoder = new Decoder([...table, ...entries], errorClasses, budget, text.length + beside.length)
    const value = decoder.decode()
    decoder.place(places)
    decoder.fillRecord(details)
    return {
      value: plain ? JSON.parse(text) as unknown : value,
      ...Object.keys(details).length === 0 ? {} : { details }
    }
  })
}

function tableOf (text: string): readonly unknown[] {
  const table: unknown = JSON.parse(text)
  if (!Array.isArray(table) || table.length === 0) throw new MalformedValue('no table')
  return table
}

function refusingMalformed<T> (decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof MalformedValue) throw error
    // Of JSON, or of a constructor that was given what it does not take.
    throw new MalformedValue((error as Error).message, { cause: error })
  }
}

class Decoder implements SlotReader {
  private readonly objects: object[]
  private prototypes: Map<object, object> | undefined

  constructor (
    private readonly table: readonly unknown[], readonly errorClasses: ErrorClasses,
    private readonly budget: WorkBudget, private readonly length: number
  ) {
    this.objects = new Array<object>(table.length)
  }

  decode (): unknown {
    const { table, objects } = this
    // First all objects, then what is in them: each may refer to any other.
    for (let entry = 1; entry < table.length; entry++) objects[entry] = this.make(table[entry])
    for (let entry = 1; entry < table.length; entry++) this.fill(objects[entry], table[entry])
    return this.read(table[0])
  }

  /** Puts on objects what outside clients get in their place. */
  place (places: readonly unknown[]): void {
    for (let n = 0; n + 1 < places.length; n += 2) {
      const place = places[n]
      // A name would find what is none of the objects, such as a prototype.
      const object = typeof place === 'number' ? this.objects[place] : undefined
      if (object === undefined) throw new MalformedValue('a place that is no entry')
      this.claimWork(DISPATCH_WORK)
      setDispatch(object, this.read(places[n + 1]))
    }
  }

  read (slot: unknown): unknown {
    if (typeof slot !== 'object' || slot === null) return slot
    if (!Array.isArray(slot)) throw new MalformedValue('a slot that is none')
    const [first, digits] = slot as readonly unknown[]
    if (typeof first === 'string') return wordValue(first, digits)
    const object = typeof first === 'number' ? this.objects[first] : undefined
    if (object === undefined) throw new MalformedValue('a reference to no entry')
    return object
  }

  claimLength (length: number): void {
    if (!this.budget.claimLength(length)) throw new MalformedValue('arrays that are too long together')
  }

  claimWork (work: number): void {
    this.budget.claim(work)
    if (!this.budget.isCoveredBy(this.length)) throw new MalformedValue('more work than its length allows')
  }

  prototypeWithStack (prototype: object): object {
    const known = this.prototypes?.get(prototype)
    if (known !== undefined) return known
    const made = prototypeWithStack(prototype)
    this.prototypes ??= new Map()
    this.prototypes.set(prototype, made)
    return made
  }

  private make (entry: unknown): object {
    if (typeof entry !== 'object' || entry === null) throw new MalformedValue('an entry that is no object')
    if (!Array.isArray(entry)) return entry
    const codec = CODECS.get(entry[0] as string)
    if (codec === undefined) throw new MalformedValue('an entry of an unknown kind')
    return codec.make(entry, this)
  }

  private fill (object: object, entry: unknown): void {
    if (object === entry) return this.fillRecord(object as Record<string, unknown>)
    const parts = entry as Entry
    CODECS.get(parts[0] as string)?.fill?.(object, parts, this)
  }

  /** The parsed entry becomes the object itself. Each key is its own already, `__proto__` too, so none is inherited. */
  fillRecord (record: Record<string, unknown>): void {
    for (const key of Object.keys(record)) {
      const slot = record[key]
      if (typeof slot === 'object' && slot !== null) record[key] = this.read(slot)
    }
  }
}
