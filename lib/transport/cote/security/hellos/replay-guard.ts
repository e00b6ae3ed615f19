import { RecentMap } from '../../../../collections/recent-map'
import { meshNow } from '../../../../clock'

/** The place of a packet among all packets of its sender. */
export interface Moment {
  /** The sender's clock in milliseconds since 1970, which never goes back. */
  readonly at: number
  /** The number of the packet. */
  readonly count: number
}

/** What is known of a sender. */
interface KnownSender {
  /** Its last packet that was on clock. */
  readonly last?: Moment
  /** Its last one that was not. It is kept apart, as whoever writes it chooses it freely. */
  readonly lastOff?: Moment
  /** Milliseconds that its clock is ahead of this one, as it has proven. @default 0 */
  readonly clockOffset?: number
}

/** How far a stamp may differ from what the clock of its sender is expected to show. */
const TOLERANCE_MS = 60_000

/** The most senders that are remembered: one that uses new names all the time must not fill the memory. */
const MAX_SENDERS = 20_000

/** Recognises packets that are replayed, and those whose stamps are of another time. */
export class ReplayGuard {
  private readonly senders: RecentMap<string, KnownSender>

  /** @param maxSenders - how many senders are remembered, those that sent last */
  constructor (maxSenders = MAX_SENDERS) {
    this.senders = new RecentMap(maxSenders)
  }

  /** How many senders are remembered. */
  get size (): number {
    return this.senders.size
  }

  /** By how many milliseconds a moment differs from the clock of its sender, if that is too much. */
  offClock (name: string, { at }: Moment): number | undefined {
    const off = at - meshNow() - (this.senders.get(name)?.clockOffset ?? 0)
    // NaN fails the comparison, and is rejected as well.
    return Math.abs(off) <= TOLERANCE_MS ? undefined : off
  }

  /** A sender has proven what its clock shows now. A packet that made it do so counts, if it is on that clock. */
  learnClock (name: string, now: number): void {
    const clockOffset = now - meshNow()
    if (!Number.isFinite(clockOffset)) return
    const known = this.senders.get(name) ?? {}
    this.senders.set(name, { ...known, clockOffset })
    const { lastOff } = known
    if (lastOff !== undefined && this.offClock(name, lastOff) === undefined) this.isNew(name, lastOff)
  }

  /** Whether a packet is later than all others of its sender. If so, packets up to this one are replays from now on. */
  isNew (name: string, moment: Moment): boolean {
    if (!Number.isFinite(moment.at)) return false
    const place = this.offClock(name, moment) === undefined ? 'last' : 'lastOff'
    const known = this.senders.get(name) ?? {}
    const last = known[place]
    if (last !== undefined && !isLater(moment, last)) return false
    this.senders.set(name, { ...known, [place]: moment })
    return true
  }
}

function isLater (moment: Moment, last: Moment): boolean {
  return moment.at > last.at || (moment.at === last.at && moment.count > last.count)
}
