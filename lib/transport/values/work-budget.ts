/** The most items of all arrays with holes together: as many as the longest message could spell out. */
const MAX_LENGTH = 2 ** 23

/** Work that each message may cost, whatever its length: half of what a short request takes, or a few RegExps. */
const MAX_FREE_WORK = 20_480

/** The work of setting a dispatch on an object; the shortest entry for one has fewer characters. */
export const DISPATCH_WORK = 20

/**
 * Adds up the work of creating the objects of one value, as far as it isn't proportional to the length of their text.
 * The unit is the time to read one character, about 20 ns: no message takes more than twice the time that its length
 * implies. A value of some use is longer than the work of its objects: an entry counts, the references to it, and the
 * object that holds it.
 */
export class WorkBudget {
  private lengths = 0
  private work = 0

  /** The work claimed so far. */
  get claimed (): number {
    return this.work
  }

  /** Claims the length of an array with holes, which is independent of its bytes; false if there are too many items. */
  claimLength (length: number): boolean {
    this.lengths += length
    return this.lengths <= MAX_LENGTH
  }

  /** Claims work beyond the length of the text. */
  claim (work: number): void {
    this.work += work
  }

  /** Whether a text of this length may cost the work claimed. */
  isCoveredBy (length: number): boolean {
    return isAffordable(this.work, length)
  }
}

/** Whether an object may cost this much work, regardless of what else its message holds. */
export function isAffordable (work: number, length: number): boolean {
  return work <= length + MAX_FREE_WORK
}
