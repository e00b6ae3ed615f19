import { TokenBucket } from '../../token-bucket'

/** The random delay of each answer, as all nodes answer. Newcomers meanwhile share one answer. */
const JITTER_MS = 5
/** So many answers come without a pause, and one more for each of these times that passes. */
const BURST = 4
const REFILL_MS = 100

/**
 * When to answer newcomers with a hello: at once, as a rule. While a mesh of hundreds starts, each node would answer
 * each other one, and more packets would come than processes that start can read. Newcomers share answers then.
 */
export class AnswerPace {
  private readonly answers = new TokenBucket(BURST, REFILL_MS)

  /** The milliseconds until the next answer. */
  get waitMs (): number {
    return Math.random() * JITTER_MS + this.answers.waitMs
  }

  /** The newcomers are answered. */
  onAnswer (): void {
    this.answers.take()
  }
}
