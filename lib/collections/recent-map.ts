/**
 * A Map that keeps the entries that were set last. Beyond its maximum size, the entry that was set longest ago is
 * removed: so peers that use new names all the time can't fill the memory.
 */
export class RecentMap<K, V> extends Map<K, V> {
  /** @param max - the most entries */
  constructor (private readonly max: number) {
    super()
  }

  override set (key: K, value: V): this {
    // A key that is set again becomes the newest.
    if (this.has(key)) this.delete(key)
    super.set(key, value)
    if (this.size > this.max) this.deleteOldest()
    return this
  }

  private deleteOldest (): void {
    for (const oldest of this.keys()) {
      this.delete(oldest)
      return
    }
  }
}
