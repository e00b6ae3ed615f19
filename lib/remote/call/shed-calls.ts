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

/**
 * The calls of a node that replicas refused because they have too much to do, by the path of their service. They are
 * sent again in order: one for each call that the service answers, as that leaves a place, and now and then one that
 * finds out whether there are more. However many calls wait, a busy service is asked no more often than that; and calls
 * that come later wait behind them.
 */
export class ShedCalls {
  /** How many calls wait. */
  size = 0
  private readonly byPath = new Map<string, ShedQueue>()

  /**
   * @param retryDelay - milliseconds before the first try, as the policy has it; doubled while calls are refused
   * @param maxCalls - how many may wait
   */
  constructor (private readonly retryDelay: number, private readonly maxCalls: number) {}

  /**
   * Lets a call wait; false when too many wait already.
   *
   * @param isBack - whether it waited before, and was refused again
   */
  add (path: string, call: ShedCall, isBack: boolean): boolean {
    if (this.size >= this.maxCalls) return false
    let queue = this.byPath.get(path)
    if (queue === undefined) {
      queue = new ShedQueue(this.retryDelay, {
        onTry: each => this.release(path, each),
        onEnd: () => this.byPath.delete(path)
      })
      this.byPath.set(path, queue)
    }
    if (queue.add(call, isBack)) this.size++
    return true
  }

  /** The call does not wait any more. Returns whether it did. */
  delete (path: string, call: ShedCall): boolean {
    // Called at the end of each call, and hardly any call waits.
    if (this.size === 0 || this.byPath.get(path)?.delete(call) !== true) return false
    this.size--
    return true
  }

  /** Whether a new call of a path has to wait behind others. */
  isBehind (path: string): boolean {
    return this.byPath.get(path)?.isOpenToAll === true
  }

  /** The service has answered a call, and can take another one. */
  answered (path: string): void {
    const next = this.byPath.get(path)?.first
    if (next !== undefined) this.release(path, next)
  }

  /** The node is not on the mesh: rejects the calls that wait. */
  close (reason: string): void {
    for (const queue of this.byPath.values()) for (const call of queue.all) call.giveUp(reason)
  }

  private release (path: string, call: ShedCall): void {
    if (this.delete(path, call)) call.wake()
  }
}

interface ShedQueueOwner {
  /** It is the turn of a call. */
  onTry (call: ShedCall): void
  /** No call came for as long as a pause. */
  onEnd (): void
}

/** The calls of one path. */
class ShedQueue {
  /** Those that were refused again go before the others. */
  private readonly again = new Set<ShedCall>()
  private readonly fresh = new Set<ShedCall>()
  /** Calls for single nodes: they don't hold up the others. */
  private readonly pinned = new Set<ShedCall>()
  /** How many calls are tried at a time: twice as many each time that none is refused. */
  private tries = 1
  private wasRefused = false
  private pauseMs: number

  constructor (private readonly retryDelay: number, private readonly owner: ShedQueueOwner) {
    this.pauseMs = retryDelay
    this.schedule()
  }

  /** Whether calls wait that any node may take. */
  get isOpenToAll (): boolean {
    return this.again.size > 0 || this.fresh.size > 0
  }

  /** All of them, those first that are next. */
  get all (): readonly ShedCall[] {
    return [...this.again, ...this.fresh, ...this.pinned]
  }

  /** The call that is next. */
  get first (): ShedCall | undefined {
    return firstOf(this.again) ?? firstOf(this.fresh)
  }

  /** Returns whether it was not there before. */
  add (call: ShedCall, isBack: boolean): boolean {
    if (isBack) this.wasRefused = true
    const calls = call.isPinned ? this.pinned : isBack ? this.again : this.fresh
    if (calls.has(call)) return false
    calls.add(call)
    return true
  }

  /** Returns whether it was there. */
  delete (call: ShedCall): boolean {
    return this.again.delete(call) || this.fresh.delete(call) || this.pinned.delete(call)
  }

  private schedule (): void {
    // With jitter: callers that were refused together don't return together. The calls have timers that are kept.
    setTimeout(() => this.try(), this.pauseMs * (1 + Math.random()) / 2).unref()
  }

  private try (): void {
    if (!this.isOpenToAll && this.pinned.size === 0 && !this.wasRefused) return this.owner.onEnd()
    const { wasRefused, retryDelay } = this
    this.wasRefused = false
    this.tries = wasRefused ? 1 : this.tries * 2
    this.pauseMs = wasRefused ? Math.max(retryDelay, Math.min(MAX_PAUSE_MS, 2 * this.pauseMs)) : retryDelay
    this.schedule()
    const next = [...this.again, ...this.fresh].slice(0, this.tries)
    for (const call of [...next, ...[...this.pinned].slice(0, this.tries)]) this.owner.onTry(call)
  }
}

function firstOf<T> (items: Iterable<T>): T | undefined {
  for (const item of items) return item
  return undefined
}
