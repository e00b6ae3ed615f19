/** What a node counts of one path for one subscriber. */
export class PathEvents {
  /** Events that the subscriber was to get: those that were sent, and those that were dropped. */
  count = 0
  /** Events that were dropped since the last one that was sent. */
  dropped = 0
  /** Whether the subscriber wants all events of the path, or only those that one of its groups is chosen for. */
  isPlain = true
  /** Whether events may be lost with a member of a group, which the subscriber is still to be told. */
  mayMiss = false

  constructor (readonly path: string) {}
}
