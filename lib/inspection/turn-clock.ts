/**
 * When calls end. Reading the clock for each one would cost as much as all else that is measured of it, and where many
 * are under way, many end one after the other: those with nothing but promises between them share the time.
 */
export class TurnClock {
  private time = 0
  private isRead = false
  private readonly expire = (): void => { this.isRead = false }

  /** A call begins: it may take its time before the next one ends. */
  begin (): void {
    this.isRead = false
  }

  /** @param isBusy - whether so much is under way that other calls are likely to end in this turn */
  end (isBusy: boolean): number {
    if (!isBusy) return performance.now()
    if (this.isRead) return this.time
    this.isRead = true
    // When all promises have run. An immediate would keep the event loop from waiting for the next batch.
    process.nextTick(this.expire)
    return this.time = performance.now()
  }
}
