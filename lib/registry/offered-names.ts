import { NameCounts } from '../collections/name-counts'

/**
 * The names that the replicas of a service offer. Most services of a large mesh have one replica, whose list is all
 * that is kept of it; names are counted from the second one on.
 */
export class OfferedNames {
  private only: readonly string[] | undefined
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
    if (this.only !== undefined) return this.only.includes(name) ? 1 : 0
    return this.counts?.of(name) ?? 0
  }

  /** One more replica offers these names. */
  add (names: readonly string[]): void {
    if (this.size === 0 && isDistinct(names)) this.only = names
    else this.counted().add(names)
  }

  /** One replica less offers these names. */
  remove (names: readonly string[]): void {
    if (names === this.only) this.only = undefined
    else this.counted().remove(names)
  }

  private counted (): NameCounts {
    const counts = this.counts ??= new NameCounts()
    if (this.only !== undefined) counts.add(this.only)
    this.only = undefined
    return counts
  }
}

/** How many names are compared with each other, without a set of them. */
const FEW = 16

function isDistinct (names: readonly string[]): boolean {
  if (names.length > FEW) return new Set(names).size === names.length
  return names.every((name, at) => names.indexOf(name) === at)
}
