import { RecentMap } from '../../../../collections/recent-map'
import { meshNow } from '../../../../clock'

/** The place of a packet among all packets of its sender. */
export interface Moment {
  /** The sender's clock in milliseconds since 1970, which never goes back. */
  readonly at: number
  /** The number of the packet. */
  readonly count: number
}

/**
 * What a packet is among those of its sender: later than all others; overtaken by a later one, as packets take several
 * ways; or one that was there before, or may have been.
 */
export type Order = 'latest' | 'overtaken' | 'replayed'

/** The last packet of a sender, and which of those before it have come. */
interface LastPacket {
  readonly moment: Moment
  /** A bit for each number: the lowest for the last packet, the next one for that before it, and so on. */
  readonly seen: bigint
}

/** What is known of a sender. */
interface KnownSender {
  /** Its last packet that was on clock. */
  readonly last?: LastPacket
  /** Its last one that was not. It is kept apart, as whoever writes it chooses it freely. */
  readonly lastOff?: LastPacket
  /** Milliseconds that its clock is ahead of this one, as it has proven. @default 0 */
  readonly clockOffset?: number
}

/** How far a stamp may differ from what the clock of its sender is expected to show. */
const TOLERANCE_MS = 60_000

/** So many packets before the last one are told apart; all earlier ones count as replayed. */
const WINDOW = 256
/** Numbers of packets begin at 0 again after so many. */
const NUMBERS = 2 ** 32

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
    if (lastOff !== undefined && this.offClock(name, lastOff.moment) === undefined) this.place(name, lastOff.moment)
  }

  /**
   * Places a packet among those of its sender. Only the latest one says how things are: what was sent before it may be
   * out of date, by whichever way it came.
   */
  place (name: string, moment: Moment): Order {
    if (!Number.isFinite(moment.at)) return 'replayed'
    const field = this.offClock(name, moment) === undefined ? 'last' : 'lastOff'
    const known = this.senders.get(name) ?? {}
    const { order, last } = placed(moment, known[field])
    if (order !== 'replayed') this.senders.set(name, { ...known, [field]: last })
    return order
  }
}

function placed (moment: Moment, last: LastPacket | undefined): { readonly order: Order, readonly last: LastPacket } {
  if (last === undefined) return { order: 'latest', last: { moment, seen: 1n } }
  if (isLater(moment, last.moment)) {
    const shift = distance(last.moment, moment)
    const before = shift < WINDOW ? last.seen << BigInt(shift) : 0n
    return { order: 'latest', last: { moment, seen: BigInt.asUintN(WINDOW, before | 1n) } }
  }
  const back = distance(moment, last.moment)
  const bit = back < WINDOW ? 1n << BigInt(back) : 0n
  // None that is too old to be remembered, none of the same number, and none that has come.
  if (bit === 0n || (last.seen & bit) !== 0n) return { order: 'replayed', last }
  return { order: 'overtaken', last: { ...last, seen: last.seen | bit } }
}

/** How many packets of all were sent from one to another. */
function distance (from: Moment, to: Moment): number {
  return (to.count - from.count + NUMBERS) % NUMBERS
}

function isLater (moment: Moment, last: Moment): boolean {
  return moment.at > last.at || (moment.at === last.at && moment.count > last.count)
}
