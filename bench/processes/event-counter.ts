/** Milliseconds without an event after which the missing ones are taken for lost. */
const SILENCE = 2_000

/** Counts what each of several subscribers hears. */
export class EventCounter {
  private readonly counts: number[] = []
  private expected = Infinity
  private missing = Infinity
  private lastAt = 0
  private settle: (() => void) | undefined

  constructor (private readonly now: () => number) {}

  get subscribers (): number {
    return this.counts.length
  }

  get least (): number {
    return Math.min(...this.counts)
  }

  /** One more subscriber; gives what it has to call with each event. */
  subscriber (): () => void {
    const index = this.counts.push(0) - 1
    return () => {
      const heard = (this.counts[index] ?? 0) + 1
      this.counts[index] = heard
      if (heard < this.expected) return
      this.lastAt = this.now()
      if (--this.missing === 0) this.settle?.()
    }
  }

  /** Counts anew, until each has heard so many. */
  expect (each: number): void {
    this.counts.fill(0)
    this.expected = each
    this.missing = this.counts.length
  }

  /** Waits for all that is expected; gives the time of the last event, or null when events got lost. */
  async all (): Promise<number | null> {
    while (this.missing > 0) {
      const before = this.total
      await this.silence()
      if (this.missing > 0 && this.total === before) return null
    }
    return this.lastAt
  }

  private get total (): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  private async silence (): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, SILENCE)
      this.settle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
