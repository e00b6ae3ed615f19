/** Waits until nothing is under way. Call {@link Drain.check} each time that something has ended. */
export class Drain {
  private onIdle: (() => void) | undefined

  /** @param isIdle - whether nothing is under way */
  constructor (private readonly isIdle: () => boolean) {}

  /** Something has ended. */
  check (): void {
    if (this.onIdle !== undefined && this.isIdle()) this.onIdle()
  }

  /** Resolves when nothing is under way. */
  async wait (): Promise<void> {
    await new Promise<void>(resolve => {
      this.onIdle = resolve
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
