import type { AbortListener, AbortListeners } from './abort-listeners'
import type { Deadlines, Queue, TimedCall } from './deadlines'
import { MAX_TIMER_MS } from '../../../contract/method-policy'

/** What watches the limits of all calls of a node. */
export interface LimitWatchers {
  readonly deadlines: Deadlines
  readonly aborts: AbortListeners
}

/** A call with a deadline and with signals that end it. It is a member of the lists that watch them itself. */
export abstract class LimitedCall implements TimedCall, AbortListener {
  due = 0
  earlier: TimedCall | undefined
  later: TimedCall | undefined
  private queue: Queue | undefined

  /** @param timeMs - how long the call may take; Infinity for a call without a deadline */
  constructor (protected readonly signals: readonly AbortSignal[], protected timeMs: number) {}

  /** The time of the call is over. */
  abstract onDeadline (): void

  /** A signal of the call was aborted. */
  abstract onAbort (): void

  /** The signal that was aborted; undefined while none is. */
  protected get abortedSignal (): AbortSignal | undefined {
    return this.signals.find(({ aborted }) => aborted)
  }

  /** @param now - by `performance.now()` */
  protected watchLimits ({ deadlines, aborts }: LimitWatchers, now?: number): void {
    if (this.timeMs <= MAX_TIMER_MS) this.queue = deadlines.add(this, this.timeMs, now)
    for (const signal of this.signals) aborts.add(signal, this)
  }

  protected unwatchLimits ({ aborts }: LimitWatchers): void {
    this.queue?.delete(this)
    for (const signal of this.signals) aborts.delete(signal, this)
  }
}
