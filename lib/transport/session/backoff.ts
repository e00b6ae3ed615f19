/** A connection that lasted longer than this did not break as soon as it was there. */
const STEADY_MS = 1_000
const FIRST_PAUSE_MS = 50
const MAX_PAUSE_MS = 5_000

/** When to replace a connection that broke: at once, or after a pause that grows while it breaks again and again. */
export class Backoff {
  private pauseMs = 0
  private timer: NodeJS.Timeout | undefined

  /**
   * Runs the action when it is time for another connection.
   *
   * @param startedAt - when the connection that broke was begun, as `performance.now()` gives it
   */
  retry (startedAt: number, action: () => void): void {
    this.stop()
    const wasSteady = performance.now() - startedAt > STEADY_MS
    this.pauseMs = wasSteady ? 0 : Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * this.pauseMs))
    if (wasSteady) action()
    else this.timer = setTimeout(action, this.pauseMs)
  }

  /** An action that still waits never runs. */
  stop (): void {
    clearTimeout(this.timer)
  }
}
