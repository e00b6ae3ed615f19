import type { Codec, Entry, SlotReader } from './codec'
import { FEW_KEYS, keyWork } from './key-collisions'
import { MalformedValue } from './malformed-value'
import type { Slot } from './slot'

/** Where a value is left out of a list, this is in its place, as in JSON. */
const NOTHING: Slot = null

/** An array that is longer, and has holes, is made as one of few items, for which no room is taken. */
const SHORT = 64
/** From here on V8 sees by itself that there are few. */
const LONG = 2 ** 12

/** Whether an array has an index without an item. */
export function hasHole (items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index++) if (items[index] === undefined && !(index in items)) return true
  return false
}

export const arrayCodec: Codec<unknown[]> = {
  write (items, entry, writer) {
    for (let index = 0; index < items.length; index++) entry.push(writer.slot(items[index], index) ?? NOTHING)
  },
  make: () => [],
  fill (items, entry, reader) {
    for (let index = 1; index < entry.length; index++) items.push(reader.read(entry[index]))
  }
}

/** An array with holes: its length, and each index with its item. */
export const sparseArrayCodec: Codec<unknown[]> = {
  write (items, entry, writer) {
    writer.claimLength(items.length)
    entry.push(items.length)
    // Not by index: there may be millions of holes.
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
    if (length > SHORT) {
      const last = Math.max(length, LONG) - 1
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

/** Keys and values by turns. */
export const mapCodec: Codec<Map<unknown, unknown>> = {
  write (map, entry, writer) {
    writer.claimWork(keyWork(map.keys(), map.size))
    let index = 0
    for (const [key, value] of map) {
      entry.push(writer.slot(key, index) ?? NOTHING, writer.slot(value, index++) ?? NOTHING)
    }
  },
  make: () => new Map(),
  fill (map, entry, reader) {
    claimKeys(entry, 2, reader)
    for (let n = 1; n + 1 < entry.length; n += 2) map.set(reader.read(entry[n]), reader.read(entry[n + 1]))
  }
}

export const setCodec: Codec<Set<unknown>> = {
  write (set, entry, writer) {
    writer.claimWork(keyWork(set, set.size))
    let index = 0
    for (const item of set) entry.push(writer.slot(item, index++) ?? NOTHING)
  },
  make: () => new Set(),
  fill (set, entry, reader) {
    claimKeys(entry, 1, reader)
    for (let n = 1; n < entry.length; n++) set.add(reader.read(entry[n]))
  }
}

/** Counts the work of an entry with a key in each so many-th part, before any of them is put in. */
function claimKeys (entry: Entry, step: number, reader: SlotReader): void {
  if (entry.length <= FEW_KEYS * step) return
  const keys: unknown[] = []
  for (let n = 1; n < entry.length; n += step) keys.push(reader.read(entry[n]))
  reader.claimWork(keyWork(keys, keys.length))
}
