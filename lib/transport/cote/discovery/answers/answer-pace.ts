import { TokenBucket } from '../../../token-bucket'

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

/** A newcomer comes alone where no other came for so long. An answer that all read would only add to what waits. */
const ALONE_MS = 1_000

/** How late timers are while hundreds of processes start on one machine. */
const LATE_MS = 100
/** So many packets a node reads in one turn of the event loop at most: where it did, more of them wait. */
const MOST_OF_A_TURN = 32
/** So many more or less make no difference: at rest, packets come one by one, and to end each turn costs time. */
const FEW = 8

/**
 * When to answer newcomers with a hello: at once, unless others have just come. While a mesh of hundreds starts, each
 * node would answer each other one, and more packets would come than processes that start can read. Newcomers share
 * answers then: up to 200 nodes, each has to read no more than some 200 of them a second. And while packets wait here,
 * they do at other nodes as well: to say more to them, which nobody asked for, would only make that worse.
 */
export class AnswerPace {
  private readonly answers = new TokenBucket(BURST, REFILL_MS)
  /** The packets of this turn of the event loop, and perhaps a few of turns before. */
  private packets = 0
  private hasMore = false
  private answeredAt = -Infinity

  /** @param nodes - how many other nodes are known */
  constructor (private readonly nodes: () => number) {}

  /** The milliseconds until the next answer that newcomers share. */
  get waitMs (): number {
    return this.jitterMs + this.answers.waitMs
  }

  /** The milliseconds until the answer to one newcomer, which is to read those of all nodes. */
  get jitterMs (): number {
    return Math.random() * this.size * JITTER_MS
  }

  /** Whether newcomers are few, and each may have an answer of its own; while packets wait, one that comes alone. */
  get isQuiet (): boolean {
    const isAlone = performance.now() - this.answeredAt > ALONE_MS
    return this.answers.waitMs === 0 && (isAlone || !this.isBehind(0))
  }

  /**
   * Whether there is too much to do: packets wait to be read in a mesh that is not small, or its processes get no time.
   *
   * @param lateMs - how late a timer is
   */
  isBehind (lateMs: number): boolean {
    const hasMore = this.hasMore || this.packets >= MOST_OF_A_TURN
    return this.nodes() >= SMALL_MESH && (hasMore || lateMs > LATE_MS)
  }

  /** A packet of a node has come: what anybody sends does not count. */
  onPacket (): void {
    if (++this.packets === FEW) setImmediate(() => this.endTurn())
  }

  /** A newcomer gets an answer of its own, which no other node reads. */
  onAnswerAlone (): void {
    this.take(1)
  }

  /** The newcomers are answered. */
  onAnswer (): void {
    this.take(this.size / SMALL_MESH)
  }

  private take (tokens: number): void {
    this.answeredAt = performance.now()
    this.answers.take(tokens)
  }

  private get size (): number {
    return Math.min(LARGE_MESH, Math.max(SMALL_MESH, this.nodes()))
  }

  private endTurn (): void {
    this.hasMore = this.packets >= MOST_OF_A_TURN
    this.packets = 0
    // No further packet may come for long.
    if (this.hasMore) setImmediate(() => { if (this.packets < FEW) this.hasMore = false })
  }
}
