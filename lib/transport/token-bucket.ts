/** Lets so many things happen without a pause, and one more for each time that passes. */
export class TokenBucket {
  private tokens: number
  private filledAt = performance.now()

  /**
   * @param burst - how many come without a pause
   * @param refillMs - the time for one more
   */
  constructor (private readonly burst: number, private readonly refillMs: number) {
    this.tokens = burst
  }

  /** The milliseconds until there is a token; 0 where there is one. */
  get waitMs (): number {
    const now = performance.now()
    this.tokens = Math.min(this.burst, this.tokens + (now - this.filledAt) / this.refillMs)
    this.filledAt = now
    return Math.max(0, (1 - this.tokens) * this.refillMs)
  }

  /** Takes tokens, also where there are none: the next one comes later then. */
  take (count = 1): void {
    this.tokens -= count
  }
}
