/** The names, over all paths, that are told apart: what is measured takes up to 5 kB each. */
const MAX_MEASURED = 1_000

/** The path and the name of all others. */
export const OTHER = '_OTHER'

/** What is measured, by path and by the name of a method or of an event: made when it is first needed. */
export class PathTable<T> {
  private readonly byPath = new Map<string, Map<string, T>>()
  private size = 0
  private other: T | undefined
  /** What was added last: found without a look-up, which is all that many callers need. */
  private last: { readonly path: string, readonly name: string, readonly measure: T } | undefined

  /**
   * @param make - makes what is kept for one name
   * @param isKnown - whether a name is one of a contract; others are not told apart
   */
  constructor (
    private readonly make: (path: string, name: string) => T,
    private readonly isKnown: (path: string, name: string) => boolean
  ) {}

  /** What is kept for a name. */
  of (path: string, name: string): T {
    const { last } = this
    if (last !== undefined && last.name === name && last.path === path) return last.measure
    return this.byPath.get(path)?.get(name) ?? this.add(path, name)
  }

  /** All that was needed so far. */
  * all (): Generator<readonly [path: string, name: string, measure: T]> {
    for (const [path, names] of this.byPath) {
      for (const [name, measure] of names) yield [path, name, measure]
    }
    if (this.other !== undefined) yield [OTHER, OTHER, this.other]
  }

  private add (path: string, name: string): T {
    if (this.size >= MAX_MEASURED || !this.isKnown(path, name)) return this.other ??= this.make(OTHER, OTHER)
    const names = this.byPath.get(path) ?? new Map<string, T>()
    const made = this.make(path, name)
    this.byPath.set(path, names.set(name, made))
    this.last = { path, name, measure: made }
    this.size++
    return made
  }
}
