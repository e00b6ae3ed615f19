import { meshNow } from './clock'

const MINUTE_MS = 60_000
/** The most different lines in a minute. Peers can cause any number: they must fill neither the memory nor the log. */
const MAX_LINES = 100

/** Holds lines of a log back that were written within the last minute, or that come when too many others were. */
export class LineLimit {
  /** When each line was last written, and how often it was held back since. */
  private readonly lines = new Map<string, { readonly writtenAt: number, heldBack: number }>()
  private dropped = 0

  /**
   * Whether a line may be written now: what to write behind it, which says how many others were not; undefined if the
   * line is held back.
   *
   * @param id - what makes it the same line as another
   */
  admit (id: string): string | undefined {
    const now = meshNow()
    const line = this.lines.get(id)
    if (line !== undefined && now - line.writtenAt < MINUTE_MS) {
      line.heldBack++
      return undefined
    }
    if (line === undefined && this.lines.size >= MAX_LINES && !this.makeRoom(now)) {
      this.dropped++
      return undefined
    }
    this.lines.set(id, { writtenAt: now, heldBack: 0 })
    const { dropped } = this
    this.dropped = 0
    return more(line?.heldBack ?? 0, dropped)
  }

  /** Deletes lines that are older than a minute. Returns whether there is room for another one. */
  private makeRoom (now: number): boolean {
    for (const [id, { writtenAt, heldBack }] of this.lines) {
      if (now - writtenAt < MINUTE_MS) continue
      this.dropped += heldBack
      this.lines.delete(id)
    }
    return this.lines.size < MAX_LINES
  }
}

function more (heldBack: number, dropped: number): string {
  const same = heldBack === 0 ? '' : ` (and ${heldBack} times before, since the last line)`
  return dropped === 0 ? same : `${same} (and ${dropped} other lines that were held back)`
}
