import { noteShared } from '../../../collections/shared-objects'
import type { Codec, Entry } from './codec'
import { MalformedValue } from '../errors'
import type { Slot } from '../slot'

/** Takes the place of an omitted value in a list, as in JSON. */
export const NOTHING: Slot = null

/** An array with holes that is longer than this, and than this many times its items, is created sparse. */
const MAX_DENSE_LENGTH = 64
const LENGTH_PER_ITEM = 8
/** The work of creating one sparse, and of each of its items: each goes into a hash table. */
const SPARSE_WORK = 64
const FAR_ITEM_WORK = 20
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
    writer.claimWork(sparseWork(entry, items.length))
  },
  make (entry, reader) {
    const length = entry[1]
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) {
      throw new MalformedValue('an array without a length')
    }
    reader.claimLength(length)
    reader.claimWork(sparseWork(entry, length))
    const items: unknown[] = []
    if (isSparse(entry, length)) {
      const last = Math.max(length, SPARSE_LENGTH) - 1
      items[last] = undefined
      delete items[last]
    }
    items.length = length
    noteShared(items)
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

/** Whether no memory is reserved for the holes of an array. Where they are few, the hash table would take more. */
function isSparse (entry: Entry, length: number): boolean {
  return length > Math.max(MAX_DENSE_LENGTH, LENGTH_PER_ITEM * itemsOf(entry))
}

function sparseWork (entry: Entry, length: number): number {
  return isSparse(entry, length) ? SPARSE_WORK + FAR_ITEM_WORK * itemsOf(entry) : 0
}

/** How many items an entry has: each follows its index, after the name and the length. */
const itemsOf = (entry: Entry): number => Math.floor((entry.length - 2) / 2)

function isIndex (index: unknown, length: number): index is number {
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < length
}
