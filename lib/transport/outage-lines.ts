import type { LogFields, NodeLog } from '../log'
import type { LogCode } from '../log-codes'
import { TokenBucket } from './token-bucket'

/** Lines at once: two outages, each with its end. */
const LINES_AT_ONCE = 4
/** The time from one line to the next beyond that. */
const LINE_MS = 30_000

/** What an {@link OutageLines} tells by. */
export interface OutageLinesOptions {
  readonly log: NodeLog | undefined
  /** The codes of both lines. */
  readonly lost: LogCode
  readonly back: LogCode
  readonly fields?: LogFields
}

/** Something to tell of how things are now. */
interface Line {
  readonly code: LogCode
  readonly text: string
}

/**
 * Tells the log each time that something is lost, and each time that it is back. What comes and goes must not fill the
 * log, and the last line must be true: so one that comes too early waits, and is told later if it still holds.
 */
export class OutageLines {
  private isLost = false
  /** What the last line says. */
  private isToldLost = false
  private untold = 0
  private readonly pace = new TokenBucket(LINES_AT_ONCE, LINE_MS)
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly options: OutageLinesOptions) {}

  /** It is lost, if it was not before. */
  lost (text: string): void {
    if (!this.isLost) this.change(true, { code: this.options.lost, text })
  }

  /** It is back, if it was lost before. */
  back (text: string): void {
    if (this.isLost) this.change(false, { code: this.options.back, text })
  }

  /** Nothing is told any more. */
  stop (): void {
    clearTimeout(this.timer)
  }

  private change (isLost: boolean, line: Line): void {
    clearTimeout(this.timer)
    this.isLost = isLost
    this.untold++
    // As the last line says: this change and the one before are left out.
    if (isLost === this.isToldLost) return
    const { waitMs } = this.pace
    if (waitMs <= 0) this.tell(line)
    else this.timer = setTimeout(() => this.tell(line), waitMs)
  }

  private tell ({ code, text }: Line): void {
    const { log, fields } = this.options
    this.pace.take()
    this.isToldLost = this.isLost
    const before = this.untold - 1
    this.untold = 0
    log?.tell(code, before === 0 ? text : `${text} (it has changed ${before} times since the last line)`, fields)
  }
}
