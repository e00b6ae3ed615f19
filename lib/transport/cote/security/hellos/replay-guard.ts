import { Recent } from '../../../../collections/recent-map'

/** What a packet tells of its place among all that its sender said. */
export interface Moment {
  /** The sender's clock, in milliseconds since 1970; it never goes back. */
  readonly at: number
  /** Counts the packets of the sender. */
  readonly count: number
}

/** Milliseconds that the clocks of two machines may differ by. */
const TOLERANCE = 60_000

/** So many senders are remembered, those that spoke last: who has ever other names must not fill the memory. */
const MAX_STAMPS = 20_000

/** Tells what is said for the first time from what somebody says again. */
export class ReplayGuard {
  private readonly last: Recent<Moment>
  private cleanedAt = Date.now()

  /** @param most - how many senders are remembered */
  constructor (most = MAX_STAMPS) {
    this.last = new Recent(most)
  }

  /** How many senders are remembered. */
  get size (): number {
    return this.last.size
  }

  /** How many milliseconds a moment is off the clock of this node, if that is too much. */
  offClock ({ at }: Moment): number | undefined {
    const off = at - Date.now()
    // NaN is no moment at all.
    return Math.abs(off) <= TOLERANCE ? undefined : off
  }

  /** Whether it is later than all that was said in this name; then nothing up to it counts any more. */
  isNew (name: string, moment: Moment): boolean {
    const last = this.last.get(name)
    if (last !== undefined && !isLater(moment, last)) return false
    this.last.set(name, moment)
    this.clean()
    return true
  }

  /** What is too old to be accepted by its clock needs no other mark. */
  private clean (): void {
    const now = Date.now()
    if (now - this.cleanedAt < TOLERANCE) return
    this.cleanedAt = now
    for (const [name, { at }] of this.last) if (now - at > TOLERANCE) this.last.delete(name)
  }
}

function isLater (moment: Moment, last: Moment): boolean {
  return moment.at > last.at || (moment.at === last.at && moment.count > last.count)
}
