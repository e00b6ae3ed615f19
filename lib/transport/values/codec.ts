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
}

/** What an object's codec is given to read the values in it. */
export interface SlotReader {
  read (slot: unknown): unknown
  /** The error classes that this node knows, by their names. */
  readonly errorClasses: ErrorClasses
  claimLength (length: number): void
}

export type ErrorClass = abstract new (...args: never[]) => Error
export type ErrorClasses = ReadonlyMap<string, ErrorClass>

/** How one kind of object stands in the table: its name, and behind it what it is made of. */
export interface Codec<T extends object = object> {
  write (value: T, writer: SlotWriter): unknown[]
  /** Makes the object; what is in it may not be there yet. */
  make (parts: readonly unknown[], reader: SlotReader): T
  /** Puts in what is in it. */
  fill? (value: T, parts: readonly unknown[], reader: SlotReader): void
}
