/**
 * A check that is made again and again while there is something to check: where hundreds of processes share a machine,
 * those that wake up for nothing cost much.
 */
export class NeededCheck {
  private timer: NodeJS.Timeout | undefined
  private hasEnded = false

  /** @param check - returns whether it is still needed */
  constructor (private readonly check: () => boolean, private readonly intervalMs: number) {}

  /** There is something to check. */
  begin (): void {
    if (this.hasEnded) return
    this.timer ??= setInterval(() => { if (!this.check()) this.pause() }, this.intervalMs)
  }

  /** There never will be anything again. */
  end (): void {
    this.hasEnded = true
    this.pause()
  }

  private pause (): void {
    clearInterval(this.timer)
    this.timer = undefined
  }
}
