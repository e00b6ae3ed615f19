/** The random delay of each answer, as all nodes answer. Newcomers meanwhile share one answer. */
const JITTER_MS = 5
/** The pause after an answer; it doubles, up to the longest, while newcomers go on coming. */
const FIRST_PAUSE_MS = 50
const MAX_PAUSE_MS = 1_000

/**
 * When to answer newcomers with a hello: at once, as a rule. While a whole mesh starts, each node would answer each
 * other one, and more packets would come than processes that start can read. They repeat their own hellos meanwhile.
 */
export class AnswerPace {
  private pauseMs = 0
  private answeredAt = -Infinity

  /** The milliseconds until the next answer. */
  get waitMs (): number {
    return Math.random() * JITTER_MS + Math.max(0, this.answeredAt + this.pauseMs - performance.now())
  }

  /** The newcomers are answered. */
  onAnswer (): void {
    const now = performance.now()
    const goOn = now - this.answeredAt <= 2 * this.pauseMs + JITTER_MS
    this.pauseMs = goOn ? Math.min(MAX_PAUSE_MS, 2 * this.pauseMs) : FIRST_PAUSE_MS
    this.answeredAt = now
  }
}
