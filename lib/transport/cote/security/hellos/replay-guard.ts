import { RecentMap } from '../../../../collections/recent-map'

/** The place of a packet among all packets of its sender. */
export interface Moment {
  /** The sender's clock in milliseconds since 1970, which never goes back. */
  readonly at: number
  /** The number of the packet. */
  readonly count: number
}

/** How far the clocks of two machines may differ. */
const TOLERANCE_MS = 60_000

/** The most senders that are remembered: one that uses new names all the time must not fill the memory. */
const MAX_STAMPS = 20_000

/** Recognises packets that are replayed. */
export class ReplayGuard {
  private readonly last: RecentMap<string, Moment>
  private cleanedAt = Date.now()

  /** @param maxSenders - how many senders are remembered, those that sent last */
  constructor (maxSenders = MAX_STAMPS) {
    this.last = new RecentMap(maxSenders)
  }

  /** How many senders are remembered. */
  get size (): number {
    return this.last.size
  }

  /** By how many milliseconds a moment differs from the clock of this node, if that is too much. */
  offClock ({ at }: Moment): number | undefined {
    const off = at - Date.now()
    // NaN fails the comparison, and is rejected as well.
    return Math.abs(off) <= TOLERANCE_MS ? undefined : off
  }

  /** Whether a packet is later than all others of its sender. If so, packets up to this one are replays from now on. */
  isNew (name: string, moment: Moment): boolean {
    const last = this.last.get(name)
    if (last !== undefined && !isLater(moment, last)) return false
    this.last.set(name, moment)
    this.clean()
    return true
  }

  /** Deletes entries so old that their packets are rejected by their time alone. */
  private clean (): void {
    const now = Date.now()
    if (now - this.cleanedAt < TOLERANCE_MS) return
    this.cleanedAt = now
    for (const [name, { at }] of this.last) if (now - at > TOLERANCE_MS) this.last.delete(name)
  }
}

function isLater (moment: Moment, last: Moment): boolean {
  return moment.at > last.at || (moment.at === last.at && moment.count > last.count)
}
