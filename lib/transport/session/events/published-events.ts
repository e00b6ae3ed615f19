import type { WireEarlier } from './event-counts'

interface OfPath {
  /** When the first one was published, as `performance.now()` gives it. */
  readonly firstAt: number
  /** How many there were, by their names: not every peer may hear each of them. */
  readonly counts: Map<string, number>
}

/**
 * Counts the events that a node has published. A peer that listened before the first one, and did not know this node
 * yet, missed all that came before it could subscribe.
 */
export class PublishedEvents {
  private readonly byPath = new Map<string, OfPath>()

  /** An event was published. */
  add (path: string, event: string): void {
    const ofPath = this.byPath.get(path)
    if (ofPath === undefined) this.byPath.set(path, { firstAt: performance.now(), counts: new Map([[event, 1]]) })
    else ofPath.counts.set(event, (ofPath.counts.get(event) ?? 0) + 1)
  }

  /** How many events of a name were published. */
  countOf (path: string, event: string): number {
    return this.byPath.get(path)?.counts.get(event) ?? 0
  }

  /** How long ago the first event of a path was published; undefined where there was none. */
  ageOf (path: string): number | undefined {
    const ofPath = this.byPath.get(path)
    return ofPath === undefined ? undefined : performance.now() - ofPath.firstAt
  }

  /**
   * What was published of some paths until now.
   *
   * @param mayHear - whether the peer that asks may hear an event
   */
  of (paths: readonly string[], mayHear: (path: string, event: string) => boolean): WireEarlier {
    const now = performance.now()
    return paths.flatMap(path => {
      const ofPath = this.byPath.get(path)
      if (ofPath === undefined) return []
      let count = 0
      for (const [event, each] of ofPath.counts) if (mayHear(path, event)) count += each
      return [[path, count, now - ofPath.firstAt] as const]
    })
  }
}
