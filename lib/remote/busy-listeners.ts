/** Listeners that are at work: a node that leaves waits for them. */
export class BusyListeners {
  private running = 0
  private readonly awaiting: Array<() => void> = []

  /** Runs a listener. @param onThrown - called with what it throws, or with what its promise rejects with */
  run (listener: () => unknown, onThrown: (error: unknown) => void): void {
    let returned: unknown
    try {
      returned = listener()
    } catch (error) {
      return onThrown(error)
    }
    if (!(returned instanceof Promise)) return
    this.running++
    void returned.catch(onThrown).finally(() => this.ended())
  }

  /** Resolves when none is at work, or when the time is over. */
  async whenIdle (limitMs: number): Promise<void> {
    if (this.running === 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, limitMs)
      this.awaiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  private ended (): void {
    if (--this.running === 0) for (const resolve of this.awaiting.splice(0)) resolve()
  }
}
