/** The random delay of each answer, as all nodes answer. Newcomers meanwhile share one answer. */
const JITTER_MS = 5
/** So many answers come without a pause, and one more for each of these times that passes. */
const BURST = 20
const REFILL_MS = 50

/**
 * When to answer newcomers with a hello: at once, as a rule. While a mesh of hundreds starts, each node would answer
 * each other one, and more packets would come than processes that start can read. Newcomers share answers then.
 */
export class AnswerPace {
  private tokens = BURST
  private filledAt = performance.now()

  /** The milliseconds until the next answer. */
  get waitMs (): number {
    const now = performance.now()
    this.tokens = Math.min(BURST, this.tokens + (now - this.filledAt) / REFILL_MS)
    this.filledAt = now
    return Math.random() * JITTER_MS + Math.max(0, (1 - this.tokens) * REFILL_MS)
  }

  /** The newcomers are answered. */
  onAnswer (): void {
    this.tokens--
  }
}
