/** What a part of a node does later, and again and again, until it is cleared. */
export class Timers {
  private readonly pending = new Set<NodeJS.Timeout>()

  /** @param run - runs an action, which must not throw into a timer */
  constructor (private readonly run: (action: () => void) => void) {}

  /** Does something once. It learns how many milliseconds late it is. */
  schedule (action: (lateMs: number) => void, delayMs: number): void {
    const due = performance.now() + delayMs
    const timer = setTimeout(() => {
      this.pending.delete(timer)
      this.run(() => action(performance.now() - due))
    }, delayMs)
    this.pending.add(timer)
  }

  /** Does something again and again. */
  repeat (action: () => void, intervalMs: number): void {
    this.pending.add(setInterval(() => this.run(action), intervalMs))
  }

  /** Does nothing any more. */
  clear (): void {
    for (const timer of this.pending) clearTimeout(timer)
    this.pending.clear()
  }
}
