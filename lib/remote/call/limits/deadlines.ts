import { LinkedList, type Linked } from '../../../collections/linked-list'
import { MAX_TIMER_MS } from '../../../contract/method-policy'

/** Calls of one timeout after which their timer is kept for further ones, … */
const POPULAR = 8

/** … and the number of timers up to which each is kept: calls one after the other then share one. */
const FEW = 16

/** A call with a deadline. */
export interface TimedCall extends Linked<TimedCall> {
  /** When its time is over, by `performance.now()`; set by {@link Deadlines}. */
  due: number
  /** Its time is over. */
  onDeadline (): void
}

/**
 * The deadlines of all calls under way. Calls of one timeout end in the order in which they began: one timer watches
 * the first of them, as a timer for each call would cost more than to write its request.
 */
export class Deadlines {
  private readonly queues = new Map<number, Queue>()

  /**
   * Calls `onDeadline` after the given milliseconds, unless the call is deleted before.
   *
   * @param now - by `performance.now()`
   */
  add (call: TimedCall, timeMs: number, now = performance.now()): Queue {
    const queue = this.queues.get(timeMs) ?? this.open(timeMs)
    queue.add(call, now)
    return queue
  }

  private open (timeMs: number): Queue {
    const queue: Queue = new Queue(timeMs, {
      isKept: added => added >= POPULAR || this.queues.size <= FEW,
      onEmpty: () => { if (this.queues.get(timeMs) === queue) this.queues.delete(timeMs) }
    })
    this.queues.set(timeMs, queue)
    return queue
  }
}

interface QueueOwner {
  /** Whether the timer of an empty queue is kept for the next call, by how many it has had. */
  isKept (added: number): boolean
  onEmpty (): void
}

/** The calls of one timeout, the oldest first. */
export class Queue {
  private readonly calls = new LinkedList<TimedCall>()
  private timer: NodeJS.Timeout | undefined
  private added = 0
  private checking = false

  constructor (private readonly timeMs: number, private readonly owner: QueueOwner) {}

  /** Adds a call, whose time runs from now on. */
  add (call: TimedCall, now: number): void {
    this.added++
    call.due = now + this.timeMs
    this.calls.add(call)
    // The check that runs now starts the timer again.
    if (this.checking) return
    if (this.timer === undefined) this.watch(this.timeMs)
    else if (this.calls.size === 1) this.timer.ref()
  }

  /** Removes a call that has ended. */
  delete (call: TimedCall): void {
    if (this.calls.delete(call) && this.calls.size === 0) this.rest()
  }

  /** No call is left. A timer that is kept for the next one must not keep the process alive. */
  private rest (): void {
    if (this.owner.isKept(this.added)) this.timer?.unref()
    else {
      clearTimeout(this.timer)
      this.timer = undefined
      this.owner.onEmpty()
    }
  }

  private watch (timeMs: number): void {
    this.timer = setTimeout(() => this.check(), Math.min(timeMs, MAX_TIMER_MS))
  }

  private check (): void {
    this.timer = undefined
    const now = performance.now()
    this.checking = true
    try {
      // Node's timers may be early by less than a millisecond.
      for (let call = this.calls.first; call !== undefined && call.due - now < 1; call = this.calls.first) {
        this.delete(call)
        call.onDeadline()
      }
    } finally {
      this.checking = false
      const { first } = this.calls
      if (first !== undefined) this.watch(first.due - now)
      else this.owner.onEmpty()
    }
  }
}
