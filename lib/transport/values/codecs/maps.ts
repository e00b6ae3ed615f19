import { types } from 'node:util'
import { NOTHING } from './arrays'
import type { Codec, Entry, SlotReader } from './codec'
import { FEW_KEYS, keyWork } from './key-work'

/** The work of creating an empty Map or Set, which reserves memory for some items; a few of them are as long. */
const TABLE_WORK = 32

/** A Map: its keys and values in turn. */
export const mapCodec: Codec<Map<unknown, unknown>> = {
  name: 'Map',
  is: types.isMap,
  write (map, entry, writer) {
    writer.claimWork(TABLE_WORK + keyWork(map.keys(), map.size))
    let index = 0
    for (const [key, value] of map) {
      entry.push(writer.slot(key, index) ?? NOTHING, writer.slot(value, index++) ?? NOTHING)
    }
  },
  make (_entry, reader) {
    reader.claimWork(TABLE_WORK)
    return new Map()
  },
  fill (map, entry, reader) {
    claimKeys(entry, 2, reader)
    for (let n = 1; n + 1 < entry.length; n += 2) map.set(reader.read(entry[n]), reader.read(entry[n + 1]))
  }
}

/** A Set: its items. */
export const setCodec: Codec<Set<unknown>> = {
  name: 'Set',
  is: types.isSet,
  write (set, entry, writer) {
    writer.claimWork(TABLE_WORK + keyWork(set, set.size))
    let index = 0
    for (const item of set) entry.push(writer.slot(item, index++) ?? NOTHING)
  },
  make (_entry, reader) {
    reader.claimWork(TABLE_WORK)
    return new Set()
  },
  fill (set, entry, reader) {
    claimKeys(entry, 1, reader)
    for (let n = 1; n < entry.length; n++) set.add(reader.read(entry[n]))
  }
}

/** Claims the work of inserting keys before the first one is inserted. Each `step`-th slot of the entry is a key. */
function claimKeys (entry: Entry, step: number, reader: SlotReader): void {
  if (entry.length <= FEW_KEYS * step) return
  const keys: unknown[] = []
  for (let n = 1; n < entry.length; n += step) keys.push(reader.read(entry[n]))
  reader.claimWork(keyWork(keys, keys.length))
}
