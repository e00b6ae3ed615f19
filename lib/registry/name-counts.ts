/** How many replicas offer each of some names. */
export class NameCounts {
  private readonly counts = new Map<string, number>()

  /** How many names there are. */
  get size (): number {
    return this.counts.size
  }

  /** The names, in the order in which they came; no more than some. */
  first (max: number): string[] {
    const names = [...this.counts.keys()]
    return names.length > max ? names.slice(0, max) : names
  }

  /** How many replicas offer a name. */
  of (name: string): number {
    return this.counts.get(name) ?? 0
  }

  /** A replica offers these names. */
  add (names: Iterable<string>): void {
    for (const name of names) this.counts.set(name, this.of(name) + 1)
  }

  /** A replica does not offer them any more. */
  remove (names: Iterable<string>): void {
    for (const name of names) {
      const left = this.of(name) - 1
      if (left > 0) this.counts.set(name, left)
      else this.counts.delete(name)
    }
  }
}
