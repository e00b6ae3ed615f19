import type { Invocation } from './invocation'

/** The longest pause between two tries, in milliseconds, unless `retryDelay` is longer. */
const MAX_PAUSE_MS = 200

/** A call that busy replicas refused. */
export interface ShedCall {
  /** Whether only one node may take it. */
  readonly isPinned: boolean
  /** It may ask replicas again. */
  wake (): void
  /** No node will take it. */
  giveUp (reason: string): void
}

/** What a line of calls is for. */
type Target = Pick<Invocation, 'path' | 'method'>

/**
 * The calls of a node that replicas refused because they have too much to do, in a line for each method of a service:
 * replicas may offer different methods, and a busy one must not hold up the others. The calls of a line are sent again
 * in order: one for each call of the method that the service answers, as that leaves a place, and now and then one that
 * finds out whether there are more. However many calls wait, a busy service is asked hardly more often than that; and
 * calls that come later wait behind them.
 */
export class ShedCalls {
  /** How many calls wait. */
  size = 0
  /** By path and method. */
  private readonly queues = new Map<string, Map<string, ShedQueue>>()

  /**
   * @param retryDelay - milliseconds before the first try, as the policy has it; doubled while calls are refused
   * @param maxCalls - how many may wait
   */
  constructor (private readonly retryDelay: number, private readonly maxCalls: number) {}

  /**
   * Lets a call wait; false when too many wait already.
   *
   * @param isBack - whether replicas refused it just now
   */
  add (target: Target, call: ShedCall, isBack: boolean): boolean {
    if (this.size >= this.maxCalls) return false
    const queue = this.queue(target) ?? this.open(target)
    if (queue.add(call, isBack)) this.size++
    return true
  }

  /** The call does not wait any more. Returns whether it did. */
  delete (target: Target, call: ShedCall): boolean {
    // Called at the end of each call, and hardly any call waits.
    if (this.size === 0 || this.queue(target)?.delete(call) !== true) return false
    this.size--
    return true
  }

  /** Whether a new call has to wait behind others. */
  isBehind (target: Target): boolean {
    return this.queue(target)?.holdsUp === true
  }

  /** The service has answered a call, and can take another one. */
  answered ({ path, method }: Target): void {
    const lines = this.queues.get(path)
    if (lines === undefined) return
    // The place may do for a call of another method, where the same replica offers it: such calls ask first, or those
    // of this method would take each place. They do so once in a pause, as their replicas may be other ones.
    for (const [other, queue] of lines) if (other !== method) queue.takePlaceOfOthers()
    lines.get(method)?.takePlace()
  }

  /** The node is not on the mesh: rejects the calls that wait. */
  close (reason: string): void {
    const queues = [...this.queues.values()].flatMap(lines => [...lines.values()])
    for (const queue of queues) {
      queue.close()
      for (const call of queue.all) call.giveUp(reason)
    }
    this.queues.clear()
  }

  private queue ({ path, method }: Target): ShedQueue | undefined {
    return this.queues.get(path)?.get(method)
  }

  private open ({ path, method }: Target): ShedQueue {
    const lines = this.queues.get(path) ?? new Map<string, ShedQueue>()
    const target = { path, method }
    const queue = new ShedQueue(this.retryDelay, {
      onTry: call => { if (this.delete(target, call)) call.wake() },
      onEnd: () => {
        lines.delete(method)
        if (lines.size === 0) this.queues.delete(path)
      }
    })
    this.queues.set(path, lines.set(method, queue))
    return queue
  }
}

interface ShedQueueOwner {
  /** It is the turn of a call. */
  onTry (call: ShedCall): void
  /** No call came for as long as a pause. */
  onEnd (): void
}

/** The calls of one method. */
class ShedQueue {
  /** Those that were refused once go before those that were not sent yet, as they came earlier. */
  private readonly again = new Set<ShedCall>()
  private readonly fresh = new Set<ShedCall>()
  /** Those that were refused more than once, maybe for what they are: they take turns with the others. */
  private readonly stubborn = new Set<ShedCall>()
  /** Calls for single nodes: they don't hold up the others. */
  private readonly pinned = new Set<ShedCall>()
  private readonly refused = new WeakSet<ShedCall>()
  private isTurnOfStubborn = false
  /** Whether an answer of another method may let a call try. */
  private maySeizePlace = true
  /** How many calls are tried at a time: twice as many each time that none is refused. */
  private tries = 1
  private wasRefused = false
  private pauseMs: number
  private timer: NodeJS.Timeout

  constructor (private readonly retryDelay: number, private readonly owner: ShedQueueOwner) {
    this.pauseMs = retryDelay
    this.timer = this.schedule()
  }

  /** Whether new calls wait behind those of this line; stubborn ones alone don't hold them up. */
  get holdsUp (): boolean {
    return this.again.size > 0 || this.fresh.size > 0
  }

  /** All of them. */
  get all (): readonly ShedCall[] {
    return [...this.again, ...this.fresh, ...this.stubborn, ...this.pinned]
  }

  /** Returns whether it was not there before. */
  add (call: ShedCall, isBack: boolean): boolean {
    if (isBack) this.wasRefused = true
    const calls = this.placeOf(call, isBack)
    if (calls.has(call)) return false
    calls.add(call)
    if (isBack) this.refused.add(call)
    return true
  }

  private placeOf (call: ShedCall, isBack: boolean): Set<ShedCall> {
    if (call.isPinned) return this.pinned
    if (!isBack) return this.fresh
    return this.refused.has(call) ? this.stubborn : this.again
  }

  /** Returns whether it was there. */
  delete (call: ShedCall): boolean {
    return this.again.delete(call) || this.fresh.delete(call) || this.stubborn.delete(call) || this.pinned.delete(call)
  }

  /** A call of the method was answered. */
  takePlace (): void {
    this.maySeizePlace = true
    this.release(1)
  }

  /** A call of another method of the service was answered. */
  takePlaceOfOthers (): void {
    if (!this.maySeizePlace) return
    this.maySeizePlace = false
    this.release(1)
  }

  /** Leaves no timer behind. */
  close (): void {
    clearTimeout(this.timer)
  }

  private schedule (): NodeJS.Timeout {
    // With jitter: callers that were refused together don't return together. The calls have timers that are kept.
    return setTimeout(() => this.try(), this.pauseMs * (1 + Math.random()) / 2).unref()
  }

  private try (): void {
    if (!this.holdsUp && this.stubborn.size === 0 && this.pinned.size === 0 && !this.wasRefused) {
      return this.owner.onEnd()
    }
    const { wasRefused, retryDelay } = this
    this.wasRefused = false
    this.maySeizePlace = true
    this.tries = wasRefused ? 1 : this.tries * 2
    this.pauseMs = wasRefused ? Math.max(retryDelay, Math.min(MAX_PAUSE_MS, 2 * this.pauseMs)) : retryDelay
    this.timer = this.schedule()
    const pinned = firstOf(this.pinned, this.tries)
    this.release(this.tries)
    for (const call of pinned) this.owner.onTry(call)
  }

  /** Lets so many calls try. Every other time stubborn ones try before them: one that fails must not cost a place. */
  private release (count: number): void {
    const next = firstOf(this.again, count)
    next.push(...firstOf(this.fresh, count - next.length))
    if (next.length === 0 || this.isTurnOfStubborn) next.unshift(...firstOf(this.stubborn, count))
    this.isTurnOfStubborn = !this.isTurnOfStubborn
    for (const call of next) this.owner.onTry(call)
  }
}

function firstOf<T> (items: Iterable<T>, count: number): T[] {
  const first: T[] = []
  if (count <= 0) return first
  for (const item of items) {
    first.push(item)
    if (first.length >= count) break
  }
  return first
}
