/** As many items as the longest message could hold: a few bytes must not make a reader count further than that. */
const MAX_LENGTH = 2 ** 23

/** Counts the lengths of the arrays with holes in one value, which say nothing of the bytes that these take. */
export class LengthBudget {
  private left = MAX_LENGTH

  /** Whether there is enough left for one more. */
  claim (length: number): boolean {
    this.left -= length
    return this.left >= 0
  }
}
