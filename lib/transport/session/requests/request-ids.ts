/**
 * The ids of requests. Each is used once, whoever its request is sent to: a late reply finds nothing, and neither does
 * a cancel for a connection of before. They are small integers for a long time, which are read and written faster than
 * longer ones.
 */
export class RequestIds {
  /** @param last - the ids of before, none of which is given */
  constructor (private last = 0) {}

  /** Gives away so many ids in a row. @returns the one before the first of them */
  take (count: number): number {
    const before = this.last
    this.last += count
    return before
  }
}

/** Those of this process. */
export const PROCESS_IDS = new RequestIds()
