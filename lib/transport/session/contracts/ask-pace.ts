import { TokenBucket } from '../../token-bucket'

/** How many questions a peer gets one after the other, without a pause. */
const BURST = 20
/** One more question for each of these times that passes. */
const REFILL_MS = 500
/** The longest time from one question to the next, which doubles while the answers don't advance. */
const MAX_PAUSE_MS = 10_000
/** An answer that took longer to read is followed by a pause, so that one peer can't take all the time. */
const LONG_MS = 20
/** How many times as long that pause is. */
const PAUSE_TIMES = 3

/**
 * When to ask a peer for its contracts again. A peer that registers services one by one is asked for each. One that
 * announces ever other revisions, or more than it has, is asked with pauses.
 */
export class AskPace {
  private readonly questions = new TokenBucket(BURST, REFILL_MS)
  private pauseMs = 0
  private notBefore = 0

  /** The milliseconds until the peer may be asked; 0 for now. */
  get waitMs (): number {
    return Math.max(this.questions.waitMs, this.notBefore - performance.now())
  }

  /** The peer is asked. */
  onAsk (): void {
    this.questions.take()
  }

  /** What came unasked, where the peer may be asked: it takes as much time as an answer. */
  allowed<T> (unasked: T | undefined): T | undefined {
    if (unasked === undefined || this.waitMs > 0) return undefined
    this.onAsk()
    return unasked
  }

  /**
   * The peer answered.
   *
   * @param tookMs - how long reading took
   * @param hasAdvanced - whether the answer is as new as the peer announced
   */
  onAnswer (tookMs: number, hasAdvanced: boolean): void {
    this.pauseMs = hasAdvanced ? 0 : Math.min(MAX_PAUSE_MS, Math.max(REFILL_MS, 2 * this.pauseMs))
    this.notBefore = performance.now() + Math.max(tookMs > LONG_MS ? PAUSE_TIMES * tookMs : 0, this.pauseMs)
  }
}
