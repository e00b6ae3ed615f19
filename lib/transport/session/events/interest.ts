/** Whether a node wants the events of a path of any peer; a set of paths will do. */
export interface PathInterest {
  has (path: string): boolean
  /** Since when there are listeners, as `performance.now()` gives it; undefined where that is not known. */
  since? (path: string): number | undefined
}

/** The paths whose events a node wants of any peer, from the moment that it is on the mesh. */
export class Interest implements PathInterest {
  private readonly byPath = new Map<string, number>()
  private begunAt = performance.now()

  /** The node joins the mesh, perhaps again. */
  begin (): void {
    this.begunAt = performance.now()
  }

  /**
   * Adds a path.
   *
   * @param since - since when there are listeners, as `performance.now()` gives it
   * @returns whether it is new
   */
  add (path: string, since = performance.now()): boolean {
    if (this.byPath.has(path)) return false
    this.byPath.set(path, since)
    return true
  }

  /** Deletes a path; false if it was not there. */
  delete (path: string): boolean {
    return this.byPath.delete(path)
  }

  has (path: string): boolean {
    return this.byPath.has(path)
  }

  /** All paths. */
  get all (): readonly string[] {
    return [...this.byPath.keys()]
  }

  since (path: string): number | undefined {
    const since = this.byPath.get(path)
    return since === undefined ? undefined : Math.max(since, this.begunAt)
  }
}
