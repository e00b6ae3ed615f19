/** The most entries of one table: to double such a table takes V8 a few milliseconds. */
const SEGMENT_SIZE = 2 ** 16

/**
 * A Map whose every step is short. V8 doubles a full table, and moves all entries meanwhile: of a quarter of a million,
 * that takes 40 ms, in which nothing else runs. Here a further table is begun instead, and each is looked at in turn.
 * No entry can be deleted.
 */
export class SegmentedMap<K, V extends object | true> {
  private last = new Map<K, V>()
  private readonly full: Array<Map<K, V>> = []

  /** @param segmentSize - the most entries of one table */
  constructor (private readonly segmentSize = SEGMENT_SIZE) {}

  /** The value of a key. */
  get (key: K): V | undefined {
    return this.last.get(key) ?? this.segmentOf(key)?.get(key)
  }

  /** Whether there is an entry of a key. */
  has (key: K): boolean {
    return this.get(key) !== undefined
  }

  /** Sets the value of a key. */
  set (key: K, value: V): void {
    const segment = this.last.has(key) ? this.last : this.segmentOf(key)
    if (segment !== undefined) segment.set(key, value)
    else this.add(key, value)
  }

  /** Sets the value of a key that has none: the search for it is saved. */
  add (key: K, value: V): void {
    if (this.last.size >= this.segmentSize) {
      this.full.push(this.last)
      this.last = new Map()
    }
    this.last.set(key, value)
  }

  /** All values, in the order in which their keys were added. */
  * values (): Generator<V, undefined> {
    for (const segment of this.full) yield * segment.values()
    yield * this.last.values()
  }

  /** The full table that has a key. */
  private segmentOf (key: K): Map<K, V> | undefined {
    for (const segment of this.full) if (segment.has(key)) return segment
    return undefined
  }
}
