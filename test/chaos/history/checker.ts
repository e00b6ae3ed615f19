import type { CalledMethod, Entry, Failure } from './journal'

/** The journals of one world. */
export interface History {
  /** Of each replica that there ever was, and of each caller, by the name of the process. */
  readonly journals: ReadonlyMap<string, readonly Entry[]>
  /** Whether nothing was done after which a call may fail or an event be missed. */
  readonly isGentle: boolean
}

/** What became of one call. */
interface CallRecord extends CalledMethod {
  readonly at: number
  readonly runs: number[]
  answeredAt?: number
  failedAt?: number
  failure?: Failure
}

/** Milliseconds that a process may be held up between a check and what it allows, while others use the machine. */
const HELD_UP_MS = 150
/** Milliseconds after its timeout within which a call has to settle. */
const SETTLE_MS = 2_000
/**
 * Calls with more time than this go elsewhere before it is over: a replica that answers no probe is left after 3 s, and
 * there is always another one.
 */
const LEAVES_MS = 5_000

/** What a history shows and must not; nothing if all promises are kept. */
export function violationsOf (history: History): string[] {
  return [...faultsOf(history), ...callViolations(history), ...eventViolations(history)]
}

/** How much happened: a history in which nothing did proves nothing. */
export function countsOf ({ journals }: History): Readonly<Record<Entry['kind'], number>> {
  const ofReplicas = { run: 0, joined: 0, emitted: 0, left: 0 }
  const counts = { ...ofReplicas, called: 0, answered: 0, failed: 0, heard: 0, gap: 0, fault: 0 }
  for (const entries of journals.values()) for (const { kind } of entries) counts[kind]++
  return counts
}

/** The calls that may be repeated, and failed all the same. */
export function failedReads (history: History): string[] {
  return [...callsOf(history)].flatMap(([id, { method, failure }]) =>
    method === 'read' && failure !== undefined ? [`${id}: ${failure.name}: ${failure.message}`] : [])
}

function faultsOf ({ journals }: History): string[] {
  return [...journals.values()].flat().flatMap(entry => entry.kind === 'fault' ? [`a process ended: ${entry.message}`] : [])
}

function callViolations (history: History): string[] {
  const calls = callsOf(history)
  return [...calls].flatMap(([id, call]) => violationsOfCall(call, history.isGentle).map(what => `call ${id}: ${what}`))
}

function callsOf ({ journals }: History): Map<string, CallRecord> {
  const calls = new Map<string, CallRecord>()
  const entries = [...journals.values()].flat()
  for (const entry of entries) {
    if (entry.kind !== 'called') continue
    const { id, at, call } = entry
    calls.set(id, { ...call, at, runs: [] })
  }
  for (const entry of entries) {
    if (entry.kind !== 'run' && entry.kind !== 'answered' && entry.kind !== 'failed') continue
    const call = calls.get(entry.id)
    if (call === undefined) throw new Error(`nobody made the call ${entry.id}`)
    if (entry.kind === 'run') call.runs.push(entry.at)
    else if (entry.kind === 'answered') call.answeredAt = entry.at
    else Object.assign(call, { failedAt: entry.at, failure: entry.failure })
  }
  return calls
}

function violationsOfCall (call: CallRecord, isGentle: boolean): string[] {
  const { method, at, timeout, runs, answeredAt, failure } = call
  const found: string[] = []
  const end = at + timeout
  const lateBy = settledAt(call) - end
  if (lateBy > SETTLE_MS) found.push(lateBy === Infinity ? 'it never settled' : `it settled ${Math.round(lateBy)} ms late`)
  if (method === 'write' && runs.length > 1) found.push(`it ran ${runs.length} times, and may run once`)
  if (answeredAt !== undefined && runs.length === 0) found.push('it was answered, and never ran')
  if (failure?.outcome === 'not-sent' && runs.length > 0) found.push('it is said not to have been sent, and it ran')
  const lateRuns = runs.filter(run => run > end + HELD_UP_MS)
  found.push(...lateRuns.map(run => `it began ${Math.round(run - end)} ms after its time`))
  if (failure !== undefined) found.push(...violationsOfFailure(call, failure, isGentle))
  return found
}

function settledAt ({ answeredAt, failedAt }: CallRecord): number {
  return answeredAt ?? failedAt ?? Infinity
}

function violationsOfFailure ({ method, timeout }: CallRecord, failure: Failure, isGentle: boolean): string[] {
  const { name, message, outcome } = failure
  const what = `${method} of ${timeout} ms failed: ${name} (${outcome ?? 'no outcome'}): ${message}`
  if (isGentle) return [`${what}; nothing happened that allows it`]
  if (method === 'read' && timeout >= LEAVES_MS) return [`${what}; there was another replica, and time`]
  const isKnown = outcome === 'unknown' || outcome === 'not-sent'
  return isKnown ? [] : [`${what}; its outcome is not told`]
}

function eventViolations (history: History): string[] {
  return [...history.journals].flatMap(([listener, entries]) => {
    return entries.some(({ kind }) => kind === 'heard') ? violationsOfListener(listener, entries, history) : []
  })
}

/** What a listener heard of one replica. */
interface Heard {
  last: number
  /** Where in its journal it heard that. */
  position: number
}

function violationsOfListener (listener: string, entries: readonly Entry[], history: History): string[] {
  const found: string[] = []
  const heard = new Map<string, Heard>()
  const gaps = entries.flatMap((entry, position) => entry.kind === 'gap' ? [{ position, missed: entry.missed }] : [])
  const isTold = (from: number, to: number): boolean =>
    gaps.some(({ position }) => position > from && position < to)
  let lost = 0
  const miss = (by: string, from: Heard, to: number, next: number): void => {
    const end = firstMissedByJoining(by, from.last + 1, next, history)
    if (end === from.last + 1) return
    lost += end - from.last - 1
    if (!isTold(from.position, to)) found.push(`${listener} missed ${by} ${from.last + 1} to ${end - 1}, and was not told`)
  }
  entries.forEach((entry, position) => {
    if (entry.kind !== 'heard') return
    const { by, number } = entry
    const before = heard.get(by)
    if (before !== undefined && number <= before.last) found.push(`${listener} heard ${by} ${number} after ${before.last}`)
    if (before !== undefined && number > before.last + 1) miss(by, before, position, number)
    heard.set(by, { last: number, position })
  })
  for (const [by, last] of heard) {
    const emitted = emittedBy(by, history)
    if (last.last < emitted) miss(by, last, Infinity, emitted + 1)
  }
  return [...found, ...violationsOfGaps(listener, gaps, lost, history.isGentle)]
}

function violationsOfGaps (
  listener: string, gaps: ReadonlyArray<{ readonly missed?: number }>, lost: number, isGentle: boolean
): string[] {
  if (isGentle && lost > 0) return [`${listener} missed ${lost} events, and nothing happened that allows it`]
  const uncounted = gaps.filter(({ missed }) => missed === undefined).length
  if (isGentle && uncounted > 0) return [`${listener} was told ${uncounted} gaps without a number, and no node was lost`]
  const counted = gaps.map(({ missed }) => missed ?? Infinity).reduce((sum, missed) => sum + missed, 0)
  return counted < lost ? [`${listener} missed ${lost} events, and was told of ${counted}`] : []
}

/**
 * The first event of those from one number to before another that was missed only because the replica had just joined:
 * nobody could subscribe to it yet. The end where there is none.
 */
function firstMissedByJoining (by: string, from: number, end: number, { journals }: History): number {
  const joins = (journals.get(by) ?? []).flatMap(entry => entry.kind === 'joined' ? [entry.number] : [])
  return joins.find(number => number >= from && number < end) ?? end
}

/** How many events a replica emitted, in its whole life. */
function emittedBy (by: string, { journals }: History): number {
  const numbers = (journals.get(by) ?? []).flatMap(entry => entry.kind === 'emitted' ? [entry.number] : [])
  return numbers.at(-1) ?? 0
}
