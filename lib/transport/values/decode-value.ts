import type { Entry, ErrorClasses, SlotReader } from './codec'
import { CODECS } from './codecs'
import { ERROR_CLASSES } from './error-classes'
import { prototypeWithStack } from './error-codec'
import { MalformedValue } from './malformed-value'
import { wordValue } from './slot'
import { WorkBudget } from './work-budget'

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
  try {
    const table: unknown = JSON.parse(text)
    if (!Array.isArray(table) || table.length === 0) throw new MalformedValue('no table')
    return new Decoder(table, errorClasses, budget, text.length).decode()
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
  private fillRecord (record: Record<string, unknown>): void {
    for (const key of Object.keys(record)) {
      const slot = record[key]
      if (typeof slot === 'object' && slot !== null) record[key] = this.read(slot)
    }
  }
}
