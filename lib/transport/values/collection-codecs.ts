import type { Codec } from './codec'
import { MalformedValue } from './malformed-value'
import type { Slot } from './slot'

/** Where a value is left out of a list, this is in its place, as in JSON. */
const NOTHING: Slot = null

/** Whether an array has an index without an item. */
export function hasHole (items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index++) if (items[index] === undefined && !(index in items)) return true
  return false
}

export const arrayCodec: Codec<unknown[]> = {
  write (items, writer) {
    const parts: unknown[] = []
    for (let index = 0; index < items.length; index++) parts.push(writer.slot(items[index], index) ?? NOTHING)
    return parts
  },
  make: () => [],
  fill (items, parts, reader) {
    for (const part of parts) items.push(reader.read(part))
  }
}

/** An array with holes: its length, and each index with its item. */
export const sparseArrayCodec: Codec<unknown[]> = {
  write (items, writer) {
    writer.claimLength(items.length)
    const parts: unknown[] = [items.length]
    items.forEach((item, index) => parts.push(index, writer.slot(item, index) ?? NOTHING))
    return parts
  },
  make ([length], reader) {
    if (!Number.isInteger(length) || (length as number) < 0) throw new MalformedValue('an array without a length')
    reader.claimLength(length as number)
    const items: unknown[] = []
    if (length === 0) return items
    // A last item makes the array one of few items and many holes, for which no room is taken.
    items[length as number - 1] = undefined
    delete items[length as number - 1]
    return items
  },
  fill (items, [, ...parts], reader) {
    for (let n = 0; n + 1 < parts.length; n += 2) {
      const index = parts[n]
      if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= items.length) {
        throw new MalformedValue('an item outside of its array')
      }
      items[index as number] = reader.read(parts[n + 1])
    }
  }
}

/** Keys and values by turns. */
export const mapCodec: Codec<Map<unknown, unknown>> = {
  write (map, writer) {
    const parts: unknown[] = []
    let index = 0
    for (const [key, value] of map) {
      parts.push(writer.slot(key, index) ?? NOTHING, writer.slot(value, index++) ?? NOTHING)
    }
    return parts
  },
  make: () => new Map(),
  fill (map, parts, reader) {
    for (let n = 0; n + 1 < parts.length; n += 2) map.set(reader.read(parts[n]), reader.read(parts[n + 1]))
  }
}

export const setCodec: Codec<Set<unknown>> = {
  write: (set, writer) => [...set].map((item, index) => writer.slot(item, index) ?? NOTHING),
  make: () => new Set(),
  fill (set, parts, reader) {
    for (const part of parts) set.add(reader.read(part))
  }
}
