import type { PathKey } from './unsendable-value'
import type { Slot } from './slot'

/** What an object's codec is given to write the values in it. */
export interface SlotWriter {
  /** The slot of a value in this object; undefined where it is left out. */
  slot (value: unknown, key: PathKey): Slot | undefined
  /** Whether errors take their stacks along. */
  readonly stacks: boolean
  /** Counts the length of an array with holes. */
  claimLength (length: number): void
  /** Counts what this object costs its reader beside the length of its text. */
  claimWork (work: number): void
}

/** What an object's codec is given to read the values in it. */
export interface SlotReader {
  read (slot: unknown): unknown
  /** The error classes that this node knows, by their names. */
  readonly errorClasses: ErrorClasses
  claimLength (length: number): void
  /** Ends all where an object costs more than the length of the message allows; before it is made. */
  claimWork (work: number): void
  /** The prototype of errors that have the stack of the far side: one for each class in a message. */
  prototypeWithStack (prototype: object): object
}

export type ErrorClass = abstract new (...args: never[]) => Error
export type ErrorClasses = ReadonlyMap<string, ErrorClass>

/** The entry of an object in the table: the name of its kind, and behind it what it is made of. */
export type Entry = readonly unknown[]

/** How one kind of object stands in the table. */
export interface Codec<T extends object = object> {
  /** Adds to the entry, in which the name is already, what the object is made of. */
  write (value: T, entry: unknown[], writer: SlotWriter): void
  /** Makes the object; what is in it may not be there yet. */
  make (entry: Entry, reader: SlotReader): T
  /** Puts in what is in it. */
  fill? (value: T, entry: Entry, reader: SlotReader): void
  /** What it costs a reader to make this one, where that varies; more than its length allows is refused by its path. */
  work? (value: T): { readonly work: number, readonly length: number }
}
