import type { ErrorClass, ErrorClasses } from '../error-classes'
import type { PathKey } from '../errors'
import type { Slot } from '../slot'

/** Writes the values that an object holds. */
export interface SlotWriter {
  /** The slot of a value in this object; undefined where the value is omitted. */
  slot (value: unknown, key: PathKey): Slot | undefined
  /** Whether errors include their stacks. */
  readonly stacks: boolean
  /** Claims the length of an array with holes. */
  claimLength (length: number): void
  /** Claims the work of decoding this object beyond the length of its text. The unit is below. */
  claimWork (work: number): void
}

/** Reads the values that an object holds. */
export interface SlotReader {
  /** The value of a slot. */
  read (slot: unknown): unknown
  /** The error classes that this node knows, by their names. */
  readonly errorClasses: ErrorClasses
  /** Claims the length of an array with holes; throws where there are too many items. */
  claimLength (length: number): void
  /**
   * Claims work before an object is created; throws where the length of the message does not cover it. The unit is that
   * of `work-budget.ts:WorkBudget`: the time to read one character.
   */
  claimWork (work: number): void
  /** The class of errors that carry a remote stack: one for each class in a message. */
  typeWithStack (type: ErrorClass): ErrorClass
}

/** The entry of an object in the table: the name of its codec, then the object's content. */
export type Entry = readonly unknown[]

/** How one kind of object is recognized, written and read. */
export interface Codec<T extends object = object> {
  /** Its name on the wire, which is also the tag that `Object.prototype.toString` gives such an object. */
  readonly name: string
  /**
   * Proves that an object with the tag is of this kind, as any object may claim a tag. Where the language or Node has
   * a test that works across realms (`Array.isArray`, `util.types`), use it: tests and sandboxes run in realms of their
   * own. `instanceof` serves for kinds without one, such as `URL`. Kinds that are recognized otherwise have no `is`.
   */
  is? (value: object): boolean
  /** Whether the codec keeps more than the kind's `toJSON` would, and is used in its place. */
  readonly ignoresToJSON?: boolean
  /** Whether values in it that can't be sent are omitted. */
  readonly omitsUnsendable?: boolean
  /** Adds the content of an object to its entry, which holds the name already. */
  write (value: T, entry: unknown[], writer: SlotWriter): void
  /** Creates an object; the objects that it refers to may not exist yet. */
  make (entry: Entry, reader: SlotReader): T
  /** Adds the values that the object holds, once all objects exist. */
  fill? (value: T, entry: Entry, reader: SlotReader): void
  /** The work of creating such an object, where it varies. One that costs more than its length covers is rejected. */
  work? (value: T): { readonly work: number, readonly length: number }
}
