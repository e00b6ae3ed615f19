import { meshNow, meshTimeOf, readTime } from '../../../clock'
import { fieldsOf } from '../../../record'
import type { ClockOfNode } from '../../node-clock'
import type { ReplyHandler } from '../../transport'

/** The greatest sample of this time counts: the shorter a message was under way, the nearer it is to the truth. */
const WINDOW_MS = 2_000
/** Two clocks that each run wrong by 500 ppm part by no more than this. */
const MAX_DRIFT = 1 / 1_000
/** The most samples that are kept: a peer may send its time as often as it likes. */
const MAX_SAMPLES = 16

interface Sample {
  /** The clock of the peer, minus that of this node. */
  readonly lead: number
  /** When it was read, by the clock of this node. */
  readonly at: number
}

/** What can be asked of a peer whose clock is another than was known. */
export interface ClockQuestions {
  /** Asks for what the answer brings the clock with; returns whether an answer is on its way. */
  readonly fetch: () => boolean
  /** Proves to the peer which time of its clock was read. */
  readonly ping: (proof: { readonly now: number }) => void
}

/**
 * What this node knows of the mesh clock of one peer.
 *
 * A message says what that clock showed when it was sent. By the time it is read, that clock shows more. So no sample
 * is above the truth, however long the message was under way or lay unread. A deadline by such a sample passes on the
 * peer before it passes here: a call is never started late. It may be refused too early, and the refusal brings a
 * sample that is right. Only a peer whose machine was suspended falls behind what was true before, hence the window.
 *
 * One peer is one process: its id is new each time, and so is this.
 */
export class PeerClock {
  /** From the greatest to the least, which is the newest. */
  private readonly samples: Sample[] = []
  private roundTrip: number | undefined

  /**
   * @param onKnown - called when there is a sample after there was none
   * @param clock - that of this node
   */
  constructor (private readonly onKnown: () => void = () => {}, private readonly clock: ClockOfNode = meshNow) {}

  /** Whether there is a sample: without one, no deadline can be sent. */
  get isKnown (): boolean {
    return this.samples.length > 0
  }

  /** Milliseconds from the latest question to its answer: the way there and back, and to make a connection for it. */
  get roundTripMs (): number | undefined {
    return this.roundTrip
  }

  /** Takes what the clock of the peer showed: anything may have been sent. */
  read (now: unknown): void {
    const time = readTime(now)
    if (time === undefined) return
    const { samples } = this
    const wasKnown = this.isKnown
    const at = this.clock()
    const lead = time - at
    // An earlier sample that is not greater never counts again.
    while (samples.length > 0 && samples[samples.length - 1].lead <= lead) samples.pop()
    samples.push({ lead, at })
    if (samples.length > MAX_SAMPLES) samples.shift()
    if (!wasKnown) this.onKnown()
  }

  /** Forgets all samples for this one: the peer refused a request for its time, or introduced itself. */
  replace (now: unknown): void {
    this.samples.length = 0
    this.read(now)
  }

  /**
   * The peer refused a request for its time: what was known of its clock is wrong. One of 0.1 does not tell it with the
   * refusal: requests are held for the answer to a question, but not for a question that has to wait.
   */
  refuted (now: number | undefined, { fetch, ping }: ClockQuestions): void {
    if (now !== undefined || fetch()) this.replace(now)
    if (now !== undefined) ping({ now })
  }

  /** A handler that reads the clock in the answer before it passes the answer on. */
  readingFrom ({ settle, fail }: ReplyHandler): ReplyHandler {
    return this.timing({
      settle: (error, value) => {
        this.read(fieldsOf(value).now)
        settle(error, value)
      },
      fail
    })
  }

  /** A handler that takes the time of the answer for the way there and back. */
  timing ({ settle, fail }: ReplyHandler): ReplyHandler {
    const asked = this.clock()
    return {
      settle: (error, value) => {
        this.roundTrip = this.clock() - asked
        settle(error, value)
      },
      fail
    }
  }

  /**
   * A deadline as the clock of the peer will show it, in whole milliseconds, or a little before. Unchanged while that
   * clock is not known.
   *
   * @param monotonic - what `performance.now()` shows
   */
  toPeerTime (deadline: number, monotonic = performance.now()): number {
    const { samples } = this
    if (samples.length === 0) return deadline
    const now = this.clock === meshNow ? meshTimeOf(monotonic) : this.clock()
    while (samples.length > 1 && now - samples[0].at > WINDOW_MS) samples.shift()
    const { lead, at } = samples[0]
    return Math.floor(deadline + lead - MAX_DRIFT * Math.max(0, now - at))
  }
}
