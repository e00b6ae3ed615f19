/** So long after a goodbye, or the end, a node has to close its connection, if nothing is under way on it. */
const GOODBYE_PATIENCE_MS = 3_000

/** How long a node that leaves waits for one peer. */
export class Patience {
  private since: number | undefined

  /** The peer was told something that it has to act on. */
  begin (): void {
    this.since = performance.now()
  }

  /** What was sent after that has left as well: the peer gets its time from here. */
  renew (): void {
    if (this.since !== undefined) this.begin()
  }

  /** Whether the peer has not had its time yet. */
  get isLeft (): boolean {
    return this.since === undefined || performance.now() - this.since < GOODBYE_PATIENCE_MS
  }
}
