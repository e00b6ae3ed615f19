/** Subscribes to the events of a path; returns what ends that. */
export type ListenToPath = (path: string) => () => void

/** The paths whose events this node gets, and its subscriptions while there is a connection. */
export class EventSubjects {
  private readonly byPath = new Map<string, (() => void) | undefined>()
  private isUp = false

  constructor (private readonly listen: ListenToPath) {}

  /** A connection is there: all paths are subscribed to again. */
  begin (): void {
    this.isUp = true
    for (const path of this.byPath.keys()) this.byPath.set(path, this.listen(path))
  }

  /** The connection is lost, and the subscriptions with it. */
  end (): void {
    this.isUp = false
    for (const path of this.byPath.keys()) this.byPath.set(path, undefined)
  }

  add (path: string): void {
    if (!this.byPath.has(path)) this.byPath.set(path, this.isUp ? this.listen(path) : undefined)
  }

  /** Ends the subscriptions to all other paths. */
  keep (wanted: { has (path: string): boolean }): void {
    for (const [path, end] of this.byPath) {
      if (wanted.has(path)) continue
      end?.()
      this.byPath.delete(path)
    }
  }
}
