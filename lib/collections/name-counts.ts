/** How often each of some names is there. */
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

  /** How often a name is there. */
  of (name: string): number {
    return this.counts.get(name) ?? 0
  }

  /** Each of these names is there once more. */
  add (names: Iterable<string>): void {
    for (const name of names) this.counts.set(name, this.of(name) + 1)
  }

  /** Each of these names is there once less. */
  remove (names: Iterable<string>): void {
    for (const name of names) {
      const left = this.of(name) - 1
      if (left > 0) this.counts.set(name, left)
      else this.counts.delete(name)
    }
  }

  /** No name is there any more. */
  clear (): void {
    this.counts.clear()
  }
}
