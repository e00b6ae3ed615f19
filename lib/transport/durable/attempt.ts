import { messageOf, printable, withoutCredentials } from '../../printable'
import type { DurableGroup, OnStored, StoredEvent } from '../event-store'

/** Time until an event is given again that its listener rejected; doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 30_000
/** Characters of the reason of a dead letter. */
const MAX_REASON = 300

/** What becomes of an event that a member got. */
export type Verdict =
  { readonly kind: 'handled' } |
  /** It is given again. */
  { readonly kind: 'again', readonly pauseMs: number } |
  { readonly kind: 'dead', readonly reason: string }

/** Why an event is given up of which no node could say what was wrong. */
const GONE = 'each node that got it was gone before it was handled'
const HANDLED: Verdict = Object.freeze({ kind: 'handled' })

/** Gives an event to a member, and decides what becomes of it. Never throws. */
export async function attempt (group: DurableGroup, stored: StoredEvent, onStored: OnStored): Promise<Verdict> {
  const { message: { groups }, delivery } = stored
  // A dead letter that is sent again is for its own group.
  if (groups?.includes(group.group) === false) return HANDLED
  if (delivery > group.maxDeliveries) return { kind: 'dead', reason: GONE }
  try {
    await onStored(stored)
    return HANDLED
  } catch (error) {
    if (delivery < group.maxDeliveries) return { kind: 'again', pauseMs: pauseAfter(delivery) }
    return { kind: 'dead', reason: printable(withoutCredentials(messageOf(error)), MAX_REASON) }
  }
}

/** How long an event rests that was given so many times. */
export function pauseAfter (delivery: number): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (delivery - 1))
}
