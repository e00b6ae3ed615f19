import { LinkedList, type Linked } from '../../collections/linked-list'
import { MAX_TIMER_MS } from './call-options'

/** So many calls of the same time make it worth while to keep their timer for more, … */
const POPULAR = 8

/** … and while there are few timers, one is kept anyway: calls one after the other need no new one each. */
const FEW = 16

/** A call whose time runs. */
export interface TimedCall extends Linked<TimedCall> {
  /** When its time is over, by `performance.now()`; set by {@link Deadlines}. */
  due: number
  onDeadline (): void
}

/**
 * The deadlines of all calls under way. Calls that have the same time end in the order in which they began: one timer
 * watches the first of them, where a timer for each call would cost more than to write its request.
 */
export class Deadlines {
  private readonly queues = new Map<number, Queue>()

  /**
   * Calls `onDeadline` after so many milliseconds, unless the call is deleted before.
   *
   * @param now - by `performance.now()`
   */
  add (call: TimedCall, time: number, now = performance.now()): Queue {
    const queue = this.queues.get(time) ?? this.open(time)
    queue.add(call, now)
    return queue
  }

  private open (time: number): Queue {
    const queue: Queue = new Queue(time, {
      isKept: added => added >= POPULAR || this.queues.size <= FEW,
      onEmpty: () => { if (this.queues.get(time) === queue) this.queues.delete(time) }
    })
    this.queues.set(time, queue)
    return queue
  }
}

interface QueueOwner {
  /** Whether the timer of an empty queue that had so many calls is kept for the next one. */
  isKept (added: number): boolean
  onEmpty (): void
}

/** The calls that have the same time, the oldest first. */
export class Queue {
  private readonly calls = new LinkedList<TimedCall>()
  private timer: NodeJS.Timeout | undefined
  private added = 0
  private checking = false

  constructor (private readonly time: number, private readonly owner: QueueOwner) {}

  add (call: TimedCall, now: number): void {
    this.added++
    call.due = now + this.time
    this.calls.add(call)
    // What is checked now is watched after that.
    if (this.checking) return
    if (this.timer === undefined) this.watch(this.time)
    else if (this.calls.size === 1) this.timer.ref()
  }

  delete (call: TimedCall): void {
    if (this.calls.delete(call) && this.calls.size === 0) this.rest()
  }

  /** No call is left. A timer that is kept for the next one must not keep the process. */
  private rest (): void {
    if (this.owner.isKept(this.added)) this.timer?.unref()
    else {
      clearTimeout(this.timer)
      this.timer = undefined
      this.owner.onEmpty()
    }
  }

  private watch (time: number): void {
    this.timer = setTimeout(() => this.check(), Math.min(time, MAX_TIMER_MS))
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
