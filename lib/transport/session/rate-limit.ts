const SECOND_MS = 1_000

/** What can stop reading for a while, such as a socket. */
export interface Pausable {
  pause (): void
  resume (): void
}

/**
 * Takes a limited number of messages a second from a peer: the connection is not read for the rest of the second, so
 * that the sender has to keep what it has, or to drop it.
 */
export class RateLimit {
  private messages = 0
  private since = performance.now()
  private pause: NodeJS.Timeout | undefined

  /**
   * @param source - what the messages come from
   * @param maxRate - messages a second
   * @param onPause - called each time that the source is paused
   */
  constructor (
    private readonly source: Pausable, private readonly maxRate: number, private readonly onPause: () => void
  ) {}

  /** Counts a message, or one that costs as much as several. */
  count (messages = 1): void {
    // The clock is read once for as many messages as may come in a second.
    this.messages += messages
    if (this.messages < this.maxRate) return
    const now = performance.now()
    // What was not used of an earlier second does not count; and one message that costs many seconds waits for one.
    const cost = Math.min(2, this.messages / this.maxRate) * SECOND_MS
    const rest = cost - Math.min(SECOND_MS, now - this.since)
    this.messages = 0
    this.since = now + Math.max(0, rest)
    if (rest <= 0 || this.pause !== undefined) return
    this.onPause()
    this.source.pause()
    this.pause = setTimeout(() => {
      this.pause = undefined
      this.source.resume()
    }, rest)
  }

  /** The source is closed. */
  stop (): void {
    clearTimeout(this.pause)
  }
}
