import { isPlainRecord, isRecord, type Fields } from '../record'

/** Gives a field that an object has itself. */
export type FieldOf = (fields: Fields, name: string) => unknown

/**
 * Reads a value of unknown origin as what plain JSON expresses: a tree of plain objects and lists, of which each is
 * read once. A value of another node may hold anything: an object that many places share is a short message and a long
 * walk, and an instance of a class may have fields of its own accord.
 */
export class JsonTree {
  /** How a field of a plain object is read. */
  readonly field: FieldOf = ownField
  private readonly seen = new Set<object>()

  /** The fields of a plain object that was not read before; undefined for anything else. */
  record (value: unknown): Fields | undefined {
    const fields = this.plain(value)
    return fields !== undefined && this.isNew(fields) ? fields : undefined
  }

  /**
   * A list that was not read before; undefined for anything else.
   *
   * @param maxShared - the items that a list may have which is read again: an honest node may have one list of names
   *   for many services
   */
  list (value: unknown, maxShared = 0): readonly unknown[] | undefined {
    return Array.isArray(value) && (this.isNew(value) || value.length <= maxShared) ? value : undefined
  }

  /** The fields of a plain object, also of one that was read before; undefined for anything else. */
  plain (value: unknown): Fields | undefined {
    return isPlainRecord(value) ? value : undefined
  }

  /** The characters of a value as JSON; undefined where it is no plain JSON, or is longer or deeper than allowed. */
  lengthOf (value: unknown, maxLength: number, maxDepth: number): number | undefined {
    if (typeof value !== 'object' || value === null) return lengthOfLeaf(value)
    const list = this.list(value)
    const fields = list ?? this.record(value)
    if (maxDepth === 0 || fields === undefined) return undefined
    if (list !== undefined) return this.lengthOfList(list, maxLength, maxDepth)
    let length = 2
    // Not Object.entries(): there may be more fields than may be looked at.
    for (const key in fields) {
      const itemLength = this.lengthOfField(fields, key, maxLength - length, maxDepth - 1)
      if (itemLength === undefined) return undefined
      length += itemLength + 1 + key.length + 3
      if (length > maxLength) return undefined
    }
    return length
  }

  /** By index: for…in lists all keys as texts before the first one is looked at. */
  private lengthOfList (list: readonly unknown[], maxLength: number, maxDepth: number): number | undefined {
    let length = 2 + list.length
    for (let n = 0; n < list.length && length <= maxLength; n++) {
      const itemLength = this.lengthOfField(list, `${n}`, maxLength - length, maxDepth - 1)
      if (itemLength === undefined) return undefined
      length += itemLength
    }
    return length > maxLength ? undefined : length
  }

  private lengthOfField (fields: object, key: string, maxLength: number, maxDepth: number): number | undefined {
    const property = Object.getOwnPropertyDescriptor(fields, key)
    return property?.get === undefined ? this.lengthOf(property?.value, maxLength, maxDepth) : undefined
  }

  private isNew (value: object): boolean {
    if (this.seen.has(value)) return false
    this.seen.add(value)
    return true
  }
}

/**
 * Reads a value that `JSON.parse` made, and nobody else has: it is a tree of plain objects and lists already. Of a
 * field that each object inherits, it must not be asked.
 */
export class ParsedJson extends JsonTree {
  override readonly field: FieldOf = (fields, name) => fields[name]

  override record (value: unknown): Fields | undefined {
    return this.plain(value)
  }

  override plain (value: unknown): Fields | undefined {
    return isRecord(value) ? value : undefined
  }

  override list (value: unknown): readonly unknown[] | undefined {
    return Array.isArray(value) ? value : undefined
  }
}

/** A field that an object has itself; undefined for one that it inherits, or that a function makes when it is read. */
export function ownField (fields: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(fields, name)?.value
}

/** A field that JSON leaves out takes nothing. */
function lengthOfLeaf (value: unknown): number | undefined {
  switch (typeof value) {
    case 'string': return value.length + 2
    case 'number': return Number.isFinite(value) ? String(value).length : undefined
    case 'boolean': return 5
    case 'undefined': return 0
    default: return value === null ? 4 : undefined
  }
}
