import { TokenBucket } from '../../token-bucket'

/**
 * The random delay of each answer for each known node, of which 20 to 200 count: all answer. Newcomers meanwhile share
 * one answer.
 */
const JITTER_MS = 0.25
/** In a small mesh, so many answers come without a pause, and one more for each of these times that passes. */
const BURST = 4
const REFILL_MS = 100
/** In one that is larger, an answer counts for several, as each node reads those of all others. */
const SMALL_MESH = 20
/** In a mesh of this size, an answer counts for as many as come in a second: no newcomer waits any longer. */
const LARGE_MESH = 200

/**
 * When to answer newcomers with a hello: at once, unless others have just come. While a mesh of hundreds starts, each
 * node would answer each other one, and more packets would come than processes that start can read. Newcomers share
 * answers then: up to 200 nodes, each has to read no more than some 200 of them a second.
 */
export class AnswerPace {
  private readonly answers = new TokenBucket(BURST, REFILL_MS)

  /** @param nodes - how many other nodes are known */
  constructor (private readonly nodes: () => number) {}

  /** The milliseconds until the next answer. */
  get waitMs (): number {
    return Math.random() * this.size * JITTER_MS + this.answers.waitMs
  }

  /** The newcomers are answered. */
  onAnswer (): void {
    this.answers.take(this.size / SMALL_MESH)
  }

  private get size (): number {
    return Math.min(LARGE_MESH, Math.max(SMALL_MESH, this.nodes()))
  }
}
