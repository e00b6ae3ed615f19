import type { EventCounts } from './event-counts'
import type { HeldEvents } from './held-events'
import type { EventSource } from './subscriptions-options'

/** A source that the peer has moved the subscription to, while the rest comes by the one before. */
export interface NextSource {
  readonly source: EventSource
  /** How many events there were when the peer moved to it. */
  readonly counts: Map<string, number>
  /** How many events the source before it brings. */
  readonly end: EventCounts
  readonly held: HeldEvents
  /** The last counts of the peer, where it has left meanwhile. */
  finalCounts?: EventCounts
  closed: boolean
}
