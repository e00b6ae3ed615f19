import { setImmediate } from 'node:timers/promises'

/** Checking without a turn for others goes on for so many units: a few milliseconds. */
export const TURN_WORK = 4_000

/** The most units that the check of one object may take, as nothing else runs meanwhile. */
export const MAX_WORK_AT_ONCE = 2 ** 18

/** Units that any call may take. */
export const MAX_SMALL_WORK = 2 ** 17

/** Units beyond them for each piece of its data: an object, a field, an item, or eight characters. */
export const MAX_WORK_PER_PIECE = 12

/** The check takes more work than the size of the data explains. */
export class TooMuchWork extends Error {
  /** @param property - the property that takes most of it, where it is one */
  constructor (readonly property: string | undefined) {
    super('more work than its size allows')
  }
}

/**
 * Adds up the work of checking the arguments of one call. The unit is a simple rule that looks at one value, about a
 * quarter of a microsecond.
 */
export class CheckWork {
  /** The pieces of data that were found. */
  size = 0
  private claimed = 0
  private sinceTurn = 0
  /** What the rules of the object that is checked take beyond the usual. */
  private beyond = 0

  /** Begins the work of an object, whose rules all run at once. */
  nextObject (): void {
    this.beyond = 0
  }

  /**
   * Claims work before it is done.
   *
   * @param atOnce - what it takes until others may have a turn, where that is more: some rules take long, and the size
   *   of the data explains that
   * @throws TooMuchWork
   */
  claim (units: number, property?: string, atOnce = units): void {
    this.claimed += units
    this.sinceTurn += atOnce
    this.beyond += atOnce - units
    const isTooMuch = Math.max(atOnce, this.beyond) > MAX_WORK_AT_ONCE ||
      this.claimed > MAX_SMALL_WORK + MAX_WORK_PER_PIECE * this.size
    if (isTooMuch) throw new TooMuchWork(property)
  }

  /** How much may be done before others have a turn. */
  get left (): number {
    return TURN_WORK - this.sinceTurn
  }

  /** Lets others have a turn: whatever waits, not only promises. */
  async turn (): Promise<void> {
    this.sinceTurn = 0
    await setImmediate()
  }
}
