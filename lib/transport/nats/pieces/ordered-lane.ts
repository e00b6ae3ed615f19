/** What waits for its turn. */
interface Waiting {
  readonly length: number
  readonly action: () => void
}

/**
 * Keeps the order of what has to arrive in order: events, and what tells their number. While a large one leaves in
 * pieces, those behind it wait here; calls and their replies don't.
 */
export class OrderedLane {
  /** Characters that wait. */
  waiting = 0
  /** Whether something large leaves. */
  isBlocked = false
  private queue: Waiting[] = []

  /** Whether nothing leaves in pieces, and nothing waits for that. */
  get isFree (): boolean {
    return !this.isBlocked && this.queue.length === 0
  }

  /** Does something now, or when it has its turn. @param length - characters that it sends */
  run (length: number, action: () => void): void {
    if (!this.isBlocked) return action()
    this.queue.push({ length, action })
    this.waiting += length
  }

  /** Something large leaves: all that follows waits for {@link OrderedLane.release}. */
  block (): void {
    this.isBlocked = true
  }

  /** It has left. */
  release (): void {
    this.isBlocked = false
    const { queue } = this
    this.queue = []
    for (const { length, action } of queue) {
      this.waiting -= length
      this.run(length, action)
    }
  }

  /** The connection is lost: what waits reaches nobody. */
  clear (): void {
    this.isBlocked = false
    this.queue = []
    this.waiting = 0
  }
}
