import { RecentMap } from './recent-map'

/** A {@link RecentMap} whose entries have sizes, and that is bounded by their sum, too. */
export class SizedMap<K, V> extends RecentMap<K, V> {
  private total = 0

  /**
   * @param max - the most entries
   * @param maxTotal - the largest sum of their sizes
   * @param sizeOf - the size of an entry, which stays the same
   */
  constructor (max: number, private readonly maxTotal: number, private readonly sizeOf: (key: K, value: V) => number) {
    super(max)
  }

  override set (key: K, value: V): this {
    super.set(key, value)
    this.total += this.sizeOf(key, value)
    if (this.total > this.maxTotal) this.shrink()
    return this
  }

  override delete (key: K): boolean {
    const value = this.get(key)
    if (value !== undefined) this.total -= this.sizeOf(key, value)
    return super.delete(key)
  }

  private shrink (): void {
    for (const oldest of this.keys()) {
      if (this.total <= this.maxTotal) break
      this.delete(oldest)
    }
  }
}
