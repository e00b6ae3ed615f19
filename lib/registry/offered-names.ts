import { NameCounts } from '../collections/name-counts'

/**
 * The names that the replicas of a service offer. Most services of a large mesh have one replica, or some that share a
 * list: that is all that is kept of them. Names are counted from the second list on.
 */
export class OfferedNames {
  private only: readonly string[] | undefined
  /** How many replicas offer that list. */
  private times = 0
  private counts: NameCounts | undefined

  /** How many names there are. */
  get size (): number {
    return this.only === undefined ? this.counts?.size ?? 0 : this.only.length
  }

  /** The names, in the order in which they came; no more than some. */
  first (max: number): readonly string[] {
    const { only } = this
    if (only === undefined) return this.counts?.first(max) ?? []
    return only.length > max ? only.slice(0, max) : only
  }

  /** How many replicas offer a name. */
  of (name: string): number {
    if (this.only !== undefined) return this.only.includes(name) ? this.times : 0
    return this.counts?.of(name) ?? 0
  }

  /** How many of some names no replica offers. */
  missing (names: readonly string[]): number {
    if (names === this.only) return 0
    let count = 0
    for (const name of names) if (this.of(name) === 0) count++
    return count
  }

  /** One more replica offers these names. */
  add (names: readonly string[]): void {
    if (names === this.only) {
      this.times++
    } else if (this.size === 0 && isDistinct(names)) {
      this.only = names
      this.times = 1
    } else {
      this.counted().add(names)
    }
  }

  /** One replica less offers these names. */
  remove (names: readonly string[]): void {
    if (names !== this.only) this.counted().remove(names)
    else if (--this.times === 0) this.only = undefined
  }

  private counted (): NameCounts {
    const counts = this.counts ??= new NameCounts()
    const { only } = this
    if (only === undefined) return counts
    for (let n = 0; n < this.times; n++) counts.add(only)
    this.only = undefined
    return counts
  }
}

/** Lists whose names are all different: nobody changes one, and services that offer the same share theirs. */
const distinct = new WeakSet<readonly string[]>()

/** Whether no name of a list is there twice. */
export function isDistinct (names: readonly string[]): boolean {
  if (distinct.has(names)) return true
  if (new Set(names).size !== names.length) return false
  distinct.add(names)
  return true
}
