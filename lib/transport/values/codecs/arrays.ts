import type { Codec } from './codec'
import { MalformedValue } from '../errors'
import type { Slot } from '../slot'

/** Takes the place of an omitted value in a list, as in JSON. */
export const NOTHING: Slot = null

/** An array with holes that is longer than this is created sparse, so that no memory is reserved for its holes. */
const MAX_DENSE_LENGTH = 64
/** From this length on, V8 creates arrays sparse without being made to. */
const SPARSE_LENGTH = 2 ** 12

/** Whether an array has an index without an item. */
export function hasHole (items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index++) if (items[index] === undefined && !(index in items)) return true
  return false
}

/** An array without holes: its items. Arrays are recognised by `Array.isArray`. */
export const arrayCodec: Codec<unknown[]> = {
  name: 'Array',
  write (items, entry, writer) {
    for (let index = 0; index < items.length; index++) entry.push(writer.slot(items[index], index) ?? NOTHING)
  },
  make: () => [],
  fill (items, entry, reader) {
    for (let index = 1; index < entry.length; index++) items.push(reader.read(entry[index]))
  }
}

/** An array with holes: its length, then each index and its item. */
export const sparseArrayCodec: Codec<unknown[]> = {
  name: 'Sparse',
  write (items, entry, writer) {
    writer.claimLength(items.length)
    entry.push(items.length)
    // Not a loop over all indices: there may be millions of holes.
    for (const key of Object.keys(items)) {
      const index = Number(key)
      if (!isIndex(index, items.length)) continue
      entry.push(index, writer.slot(items[index], index) ?? NOTHING)
    }
  },
  make ([, length], reader) {
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) {
      throw new MalformedValue('an array without a length')
    }
    reader.claimLength(length)
    const items: unknown[] = []
    if (length > MAX_DENSE_LENGTH) {
      const last = Math.max(length, SPARSE_LENGTH) - 1
      items[last] = undefined
      delete items[last]
    }
    items.length = length
    return items
  },
  fill (items, entry, reader) {
    for (let n = 2; n + 1 < entry.length; n += 2) {
      const index = entry[n]
      if (!isIndex(index, items.length)) throw new MalformedValue('an item outside of its array')
      items[index] = reader.read(entry[n + 1])
    }
  }
}

function isIndex (index: unknown, length: number): index is number {
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < length
}
