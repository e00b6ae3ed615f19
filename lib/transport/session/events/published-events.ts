import type { WireEarlier } from './event-counts'

/** How many events of a name were published. */
interface OfEvent {
  readonly path: string
  readonly event: string
  count: number
}

interface OfPath {
  /** When the first one was published, as `performance.now()` gives it. */
  readonly firstAt: number
  /** By their names: not every peer may hear each of them. */
  readonly byEvent: Map<string, OfEvent>
}

/**
 * Counts the events that a node has published. A peer that listened before the first one, and did not know this node
 * yet, missed all that came before it could subscribe.
 */
export class PublishedEvents {
  private readonly byPath = new Map<string, OfPath>()
  /** Of the latest event: found without a look-up where many of one name follow each other. */
  private latest: OfEvent | undefined

  /** An event was published. */
  add (path: string, event: string): void {
    if (this.latest?.event !== event || this.latest.path !== path) this.latest = this.ofEvent(path, event)
    this.latest.count++
  }

  /** How many events of a name were published. */
  countOf (path: string, event: string): number {
    return this.byPath.get(path)?.byEvent.get(event)?.count ?? 0
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
      for (const each of ofPath.byEvent.values()) if (mayHear(path, each.event)) count += each.count
      return [[path, count, now - ofPath.firstAt] as const]
    })
  }

  private ofEvent (path: string, event: string): OfEvent {
    const { byEvent } = this.byPath.get(path) ?? this.begin(path)
    const known = byEvent.get(event)
    if (known !== undefined) return known
    const added = { path, event, count: 0 }
    byEvent.set(event, added)
    return added
  }

  private begin (path: string): OfPath {
    const begun = { firstAt: performance.now(), byEvent: new Map<string, OfEvent>() }
    this.byPath.set(path, begun)
    return begun
  }
}
