/** Waits until nothing is under way. Call {@link Drain.check} each time that something has ended. */
export class Drain {
  private readonly awaiting: Array<() => void> = []

  /** @param isIdle - whether nothing is under way */
  constructor (private readonly isIdle: () => boolean) {}

  /** Something has ended. */
  check (): void {
    if (this.awaiting.length > 0 && this.isIdle()) for (const resolve of this.awaiting.splice(0)) resolve()
  }

  /** Resolves when nothing is under way. */
  async wait (): Promise<void> {
    await new Promise<void>(resolve => {
      this.awaiting.push(resolve)
      this.check()
    })
  }
}

/** Waits for the work, but no longer than the limit. */
export async function within (limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>(resolve => { timer = setTimeout(resolve, limitMs) })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
