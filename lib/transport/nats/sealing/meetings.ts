import { RecentMap } from '../../../collections/recent-map'
import { Handshake, type PairSeals } from './handshake'

/** How many nodes a node agrees on keys with at a time, the latest ones. */
const MAX_MEETINGS = 5_000
/** How many sessions of one node may wait for a proof: introductions can be repeated by anybody who recorded them. */
const MAX_CANDIDATES = 8

/** The same node is introduced to, or answered, once in this time: others may send again what it said. */
const AGAIN_MS = 100

/** Whether something may be done again. @param at - when it was done, by `performance.now()` */
export function isLongAgo (at: number): boolean {
  return performance.now() - at >= AGAIN_MS
}

/** A session of another node, as it introduced it. */
export interface Introduced<Hello> {
  readonly hello: Hello
  readonly session: string
  readonly offer: unknown
  /** The secret by which the introduction was sealed. */
  readonly secretId: string
}

/** Keys that are agreed, if the other node is who introduced itself: a message that they open proves that. */
export interface Candidate<Hello> extends Introduced<Hello> {
  readonly seals: PairSeals
  /** When it was answered last, by `performance.now()`. */
  answeredAt: number
}

/** An offer of this node to another one, and what that may have answered. */
export interface Meeting<Hello> {
  readonly token: string
  readonly ownName: string
  /** When this node introduced itself last, without being asked, by `performance.now()`. */
  introducedAt: number
  readonly handshake: Handshake
  readonly candidates: ReadonlyMap<string, Candidate<Hello>>
}

interface OpenMeeting<Hello> extends Meeting<Hello> {
  readonly candidates: RecentMap<string, Candidate<Hello>>
}

/**
 * The nodes with which this one agrees on keys. What they say until then may be old, and nothing that is there is
 * given up for it.
 */
export class Meetings<Hello> {
  private readonly byToken = new Map<string, OpenMeeting<Hello>>()
  private readonly byName = new Map<string, OpenMeeting<Hello>>()

  /**
   * @param token - the node itself
   * @param nextSession - names a session that may begin
   */
  constructor (private readonly token: string, private readonly nextSession: () => string) {}

  /** What this node offers another one: the same until keys are agreed. */
  with (token: string): Meeting<Hello> {
    return this.openWith(token)
  }

  /**
   * Takes an introduction. One of a session that is known already changes nothing: its keys may be in use.
   *
   * @throws {@link MalformedMessage} for an offer that is no key
   */
  take (token: string, introduced: Introduced<Hello>): Candidate<Hello> {
    const { handshake, ownName, candidates } = this.openWith(token)
    const { session, offer } = introduced
    const known = candidates.get(session)
    if (known !== undefined) return known
    const seals = handshake.agree(offer, { node: this.token, session: ownName }, { node: token, session })
    const candidate = { ...introduced, seals, answeredAt: -Infinity }
    candidates.set(session, candidate)
    return candidate
  }

  /** A session that a node has introduced before. */
  candidate (token: string, session: string): Candidate<Hello> | undefined {
    return this.byToken.get(token)?.candidates.get(session)
  }

  /** Who may have sealed a message, by the names of both sessions. */
  find (ownName: string, session: string): Candidate<Hello> | undefined {
    return this.byName.get(ownName)?.candidates.get(session)
  }

  /** A meeting is over: a session has begun, and no other one begins by its keys. */
  end (ownName: string): void {
    const meeting = this.byName.get(ownName)
    if (meeting === undefined) return
    this.byName.delete(ownName)
    this.byToken.delete(meeting.token)
  }

  /** All are over. */
  clear (): void {
    this.byToken.clear()
    this.byName.clear()
  }

  private openWith (token: string): OpenMeeting<Hello> {
    const known = this.byToken.get(token)
    if (known !== undefined) return known
    const ownName = this.nextSession()
    const candidates = new RecentMap<string, Candidate<Hello>>(MAX_CANDIDATES)
    const made = { token, ownName, introducedAt: -Infinity, handshake: new Handshake(), candidates }
    this.byToken.set(token, made)
    this.byName.set(ownName, made)
    if (this.byToken.size > MAX_MEETINGS) this.endOldest()
    return made
  }

  private endOldest (): void {
    for (const name of this.byName.keys()) {
      this.end(name)
      return
    }
  }
}
