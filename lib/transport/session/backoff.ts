/** A connection that lasted so many milliseconds was none that breaks as soon as it is there. */
const STEADY_MS = 1_000
const FIRST_PAUSE_MS = 50
const MAX_PAUSE_MS = 5_000

/** When a connection that broke is made again: at once, or after a pause that grows while it breaks over and over. */
export class Backoff {
  private pause = 0
  private timer: NodeJS.Timeout | undefined

  /** @param startedAt - when the connection that broke was begun */
  again (startedAt: number, action: () => void): void {
    this.stop()
    const wasSteady = Date.now() - startedAt > STEADY_MS
    this.pause = wasSteady ? 0 : Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * this.pause))
    if (wasSteady) action()
    else this.timer = setTimeout(action, this.pause)
  }

  stop (): void {
    clearTimeout(this.timer)
  }
}
