/** What a node counts of one path for one subscriber. */
export class PathEvents {
  /** Events that the subscriber was to get: those that were sent, and those that were dropped. */
  count = 0
  /** Events that were dropped since the last one that was sent. */
  dropped = 0

  constructor (readonly path: string) {}
}
