import { meshNow, readTime, wallLead } from '../../../clock'
import { failedCallOf, timedOut } from '../../../errors'
import { fieldsOf } from '../../../record'
import type { ClockOfNode } from '../../node-clock'
import { RequestRefused, type IncomingCall } from '../../transport'

/** How often a connection tells the clock of its own accord, at most. */
const TELLING_INTERVAL_MS = 1_000

/** By how much the wall clock may move against the mesh clock unnoticed. */
const MAX_MOVE_MS = 1_000

/**
 * Notices that the machine was suspended: the mesh clock stood still meanwhile, so what callers know of it is wrong,
 * and calls of theirs would run late. The wall clock went on. It also moves when somebody sets it, which is harmless:
 * the wall clock is an alarm here, and never a measure.
 *
 * One alarm watches one connection. After it went off, requests with a deadline are refused, and each refusal tells the
 * clock. They are refused until the caller proves that it has read one, as others may have been sent before. Callers
 * of 0.1 can't prove it: of theirs, one batch is refused.
 */
export class ClockAlarm {
  /** Whether the peer proves that it has read the clock. */
  peerProves = false
  private lead: number
  /**
   * When it went off, by the mesh clock, and not rounded: what was told in the same millisecond, but before the machine
   * was suspended, proves nothing. Undefined while the deadlines of the peer can be trusted.
   */
  private wentOffAt: number | undefined
  private toldAt = -Infinity

  /** @param clock - the mesh clock of this node */
  constructor (private readonly clock: ClockOfNode = meshNow) {
    this.lead = wallLead(clock())
  }

  /**
   * Looks at both clocks, before each batch of messages.
   *
   * @returns the mesh clock
   */
  check (): number {
    const now = this.clock()
    const lead = wallLead(now)
    if (Math.abs(lead - this.lead) > MAX_MOVE_MS) {
      this.lead = lead
      this.wentOffAt = now
    } else if (!this.peerProves) this.wentOffAt = undefined
    return now
  }

  /** The peer proves which clock it has read: anything may have been sent. */
  prove (data: unknown): void {
    const now = readTime(fieldsOf(data).now)
    if (now !== undefined && this.wentOffAt !== undefined && now > this.wentOffAt) this.wentOffAt = undefined
  }

  /** Whether the peer was not told the clock within the last second; it is told now. */
  isToTell (now: number): boolean {
    const isDue = now - this.toldAt >= TELLING_INTERVAL_MS
    if (isDue) this.toldAt = now
    return isDue
  }

  /** Refuses a request that must not run now; returns whether it did. */
  refuses (call: IncomingCall): boolean {
    const { request } = call
    if (this.wentOffAt === undefined || request.deadline === undefined) return false
    const failed = { ...failedCallOf(request), outcome: 'not-sent' } as const
    call.reply(new RequestRefused(timedOut(failed, 0), 'late', this.clock()))
    return true
  }
}
