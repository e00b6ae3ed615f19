import { printable } from '../../printable'
import { isRecord, setOwn } from '../../record'

/** Items of a list, or fields of an object, that are read of an answer. */
const MAX_READ_ITEMS = 5_000
/** Objects within objects. */
const MAX_READ_DEPTH = 8
/** Values of one answer. */
const MAX_READ_VALUES = 100_000
/** Characters of one text: paths, names, reasons, payloads. */
const MAX_READ_TEXT = 20_000
/** Characters of all texts of one answer: a peer can send one object in many places, and each place is copied. */
const MAX_READ_CHARACTERS = 4 * 1024 * 1024

/** Copies plain data of a peer: without control characters, within bounds, and without anything that is no data. */
export class Washing {
  private left = MAX_READ_VALUES
  private leftCharacters = MAX_READ_CHARACTERS

  /** Copies a value. What is too much is left out, or cut. */
  wash (value: unknown, depth = 0): unknown {
    if (--this.left < 0 || depth > MAX_READ_DEPTH) return undefined
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
    if (typeof value === 'boolean' || value === null) return value
    if (Array.isArray(value)) return value.slice(0, MAX_READ_ITEMS).map(item => this.wash(item, depth + 1))
    // The names of the fields of bytes would take long to list, and bytes are no plain data.
    return isRecord(value) && !ArrayBuffer.isView(value) ? this.fields(value, depth + 1) : undefined
  }

  private text (value: string): string | undefined {
    return this.hasRoomFor(value) ? printable(value, MAX_READ_TEXT) : undefined
  }

  private hasRoomFor (text: string): boolean {
    this.leftCharacters -= Math.min(text.length, MAX_READ_TEXT)
    return this.leftCharacters >= 0
  }

  private fields (value: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
    const washed: Record<string, unknown> = {}
    for (const [name, field] of Object.entries(value).slice(0, MAX_READ_ITEMS)) {
      if (!this.hasRoomFor(name) || this.left < 0) break
      setOwn(washed, printable(name), this.wash(field, depth))
    }
    return washed
  }
}
