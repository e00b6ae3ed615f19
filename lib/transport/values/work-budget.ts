/** As many items as the longest message could hold: a few bytes must not make a reader count further than that. */
const MAX_LENGTH = 2 ** 23

/** So much work is nothing beside the call that it comes with: half of what a short request takes, or a few RegExps. */
const ALLOWANCE = 2 ** 13

/** The work of setting a dispatch on an object; the shortest entry for one has fewer characters. */
export const DISPATCH_WORK = 12

/**
 * Counts what the objects of one value cost whoever makes them, where their text does not show it. The unit is what
 * it takes to read one character, some 50 ns: so no message takes more than twice what its length alone would take.
 */
export class WorkBudget {
  private lengths = 0
  private work = 0

  /** What was claimed, for tests that count it. */
  get claimed (): number {
    return this.work
  }

  /** Counts the length of an array with holes, which says nothing of the bytes that it takes. */
  claimLength (length: number): boolean {
    this.lengths += length
    return this.lengths <= MAX_LENGTH
  }

  claim (work: number): void {
    this.work += work
  }

  /** Whether a text of so many characters may ask for what was claimed. */
  isCoveredBy (length: number): boolean {
    return this.work <= length + ALLOWANCE
  }
}

/** Whether an object may take so much work, whatever else is in its message. */
export function isAffordable (work: number, length: number): boolean {
  return work <= length + ALLOWANCE
}
