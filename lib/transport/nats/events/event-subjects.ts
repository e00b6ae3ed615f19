/** Subscribes to a subject; returns what ends that. */
export type Listen = (subject: string) => () => void

/** Subscriptions, by their subjects. */
type Subscribed = Map<string, () => void>

/** The paths whose events this node gets, and its subscriptions while there is a connection. */
export class EventSubjects {
  private readonly byPath = new Map<string, Subscribed>()
  private isUp = false

  /** @param subjectsOf - where events of a path are published: several, while the secret of the mesh is replaced */
  constructor (private readonly subjectsOf: (path: string) => readonly string[], private readonly listen: Listen) {}

  /** A connection is there: all paths are subscribed to again. */
  begin (): void {
    this.isUp = true
    this.renew()
  }

  /** The paths may have other subjects from now on. Publishers use those of before until they know that too. */
  renew (): void {
    if (!this.isUp) return
    for (const [path, subscribed] of this.byPath) {
      for (const subject of this.subjectsOf(path)) {
        if (!subscribed.has(subject)) subscribed.set(subject, this.listen(subject))
      }
    }
  }

  /** Ends the subscriptions to subjects that the paths have no more. */
  endOld (): void {
    for (const [path, subscribed] of this.byPath) {
      const subjects = this.subjectsOf(path)
      for (const [subject, end] of subscribed) {
        if (subjects.includes(subject)) continue
        end()
        subscribed.delete(subject)
      }
    }
  }

  /** The connection is lost, and the subscriptions with it. */
  end (): void {
    this.isUp = false
    for (const subscribed of this.byPath.values()) subscribed.clear()
  }

  add (path: string): void {
    if (this.byPath.has(path)) return
    this.byPath.set(path, new Map())
    this.renew()
  }

  /** Ends the subscriptions to all other paths. */
  keep (wanted: { has (path: string): boolean }): void {
    for (const [path, subscribed] of this.byPath) {
      if (wanted.has(path)) continue
      for (const end of subscribed.values()) end()
      this.byPath.delete(path)
    }
  }
}
