import { fieldsOf, listField, textField, type Fields } from '../../../record'
import { isCount } from '../../messages/event'
import type { PathInterest } from './interest'

/** How many events of each path a peer was to get: those that were sent, and those that were dropped. */
export type EventCounts = ReadonlyMap<string, number>

/** Counts as they travel: a path may have any name, so they are no fields of an object. */
export type WireCounts = ReadonlyArray<readonly [path: string, count: number]>

/** What was published of paths before a peer subscribed to them, as it travels: how much, and how long ago it began. */
export type WireEarlier = ReadonlyArray<readonly [path: string, count: number, ageMs: number]>

/** What a peer gets to know about its subscription; nothing but `true` unless it asked for counts. */
export type SubscriberAnswer = true | {
  readonly counts: WireCounts
  readonly token: string | undefined
  readonly resumed: boolean
  /** What was published before, of paths that are new in the subscription. */
  readonly earlier?: WireEarlier
  /** Whether this node knows groups: a peer that sent some is told. */
  readonly groups?: true
}

/** Events of a path that were published before this node subscribed. */
export interface EarlierEvents {
  readonly count: number
  /** How long ago the first of them was published. */
  readonly ageMs: number
}

/** Characters of the longest token of a subscription: this node keeps it. */
const MAX_TOKEN_LENGTH = 100

/** What a peer that counts answers when this node subscribes, or asks for a sign of life. */
export interface SubscriptionAnswer {
  readonly counts: EventCounts
  /** Continues this subscription on another connection. */
  readonly token: string | undefined
  /** Whether the counts go on from those of the connection whose token this node gave. */
  readonly resumed: boolean
  /** What was published before, of paths that are new in the subscription. */
  readonly earlier: ReadonlyMap<string, EarlierEvents>
  /** Whether the peer takes this node for a member of the groups that it was told. */
  readonly knowsGroups: boolean
}

/**
 * Reads counts; undefined where there are none. A peer sent them: what is no count is left out, and so is any path
 * that this node does not want, as counts are kept.
 */
export function readCounts (value: unknown, wanted: PathInterest): EventCounts | undefined {
  const list = listField(fieldsOf(value), 'counts')
  if (list === undefined) return undefined
  const counts = new Map<string, number>()
  for (const entry of list) {
    if (!Array.isArray(entry)) continue
    const [path, count] = entry as unknown[]
    if (typeof path === 'string' && wanted.has(path) && isCount(count)) counts.set(path, count)
  }
  return counts
}

/** Reads an answer; undefined for that of a peer that does not count. */
export function readSubscriptionAnswer (value: unknown, wanted: PathInterest): SubscriptionAnswer | undefined {
  const counts = readCounts(value, wanted)
  if (counts === undefined) return undefined
  const fields = fieldsOf(value)
  const token = textField(fields, 'token')
  const isShort = token !== undefined && token.length <= MAX_TOKEN_LENGTH
  return {
    counts,
    token: isShort ? token : undefined,
    resumed: fields.resumed === true,
    earlier: readEarlier(fields),
    knowsGroups: fields.groups === true
  }
}

function readEarlier (fields: Fields): ReadonlyMap<string, EarlierEvents> {
  const earlier = new Map<string, EarlierEvents>()
  for (const entry of listField(fields, 'earlier') ?? []) {
    if (!Array.isArray(entry)) continue
    const [path, count, ageMs] = entry as unknown[]
    if (typeof path === 'string' && isCount(count) && typeof ageMs === 'number') earlier.set(path, { count, ageMs })
  }
  return earlier
}

/** Adds the counts of paths that have none yet. */
export function addCounts (counts: Map<string, number>, more: EventCounts | undefined): void {
  for (const [path, count] of more ?? []) if (!counts.has(path)) counts.set(path, count)
}

interface Heard {
  count: number
}

/** The events of one peer that this node received or was told it missed, by path. */
export class HeardEvents {
  private readonly byPath = new Map<string, Heard>()

  /** An event of the path arrived. */
  add (path: string): void {
    const heard = this.byPath.get(path)
    if (heard !== undefined) heard.count++
  }

  /** Whether nothing is missing of what the peer counts; paths that are not counted here can't miss anything. */
  reaches (counts: EventCounts): boolean {
    for (const [path, count] of counts) if ((this.byPath.get(path)?.count ?? count) < count) return false
    return true
  }

  /** Whether the peer counts each path that is counted here. */
  areIn (counts: EventCounts): boolean {
    for (const path of this.byPath.keys()) if (!counts.has(path)) return false
    return true
  }

  /**
   * The peer told its count. A path that was not counted before is counted from here on.
   *
   * @returns how many events are missing: they count as known from now on
   */
  settle (path: string, count: number): number {
    const heard = this.byPath.get(path)
    if (heard === undefined) {
      this.byPath.set(path, { count })
      return 0
    }
    const missing = count - heard.count
    if (missing > 0) heard.count = count
    return Math.max(0, missing)
  }

  /** A path that was not counted before is counted from here on. */
  begin (path: string, count: number): void {
    if (!this.byPath.has(path)) this.byPath.set(path, { count })
  }

  /** Counts only these paths any more. */
  keep (paths: PathInterest): void {
    for (const path of this.byPath.keys()) if (!paths.has(path)) this.byPath.delete(path)
  }
}
