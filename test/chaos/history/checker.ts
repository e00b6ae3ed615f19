import { eventViolations } from './event-checker'
import type { CalledMethod, Entry, Failure } from './journal'

/** The journals of one world. */
export interface History {
  /** Of each replica that there ever was, and of each caller, by the name of the process. */
  readonly journals: ReadonlyMap<string, readonly Entry[]>
  /** The names of the processes that had ended before the mesh came to rest. */
  readonly ended: ReadonlySet<string>
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
  const counts = { ...ofReplicas, called: 0, answered: 0, failed: 0, listening: 0, heard: 0, gap: 0, fault: 0 }
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
