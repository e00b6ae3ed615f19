import { Drain, within } from '../transport/drain'

/** Listeners that are at work: a node that leaves waits for them. */
export class BusyListeners {
  private running = 0
  private readonly idle = new Drain(() => this.running === 0)

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
    await within(limitMs, this.idle.wait())
  }

  private ended (): void {
    this.running--
    this.idle.check()
  }
}
