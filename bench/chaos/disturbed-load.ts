import { setTimeout as delay } from 'node:timers/promises'
import type { Todos } from '../systems/system'

/** Which of the two methods is called: `get` may be repeated, `create` may not. */
export type Mode = 'get' | 'create'

/** What the kill of a replica did to the calls of a load; times in milliseconds. */
export interface Disturbance {
  readonly calls: number
  /** Calls that failed, those that never ended among them. */
  readonly failed: number
  /** The longest call, from its start to its end. */
  readonly slowest: number
  /** From the kill until answers come at 90 % of the rate before it, and the last call that failed is over. */
  readonly recovery: number
  /** From the kill until the last call that failed had failed. */
  readonly lastFailure: number
}

interface Call {
  readonly start: number
  readonly end: number
  readonly ok: boolean
}

/** Answers are counted over so long, before the kill and behind it. */
const WINDOW = 50
const BEFORE = 1_000

/** How long calls go on behind the kill, and how long those that have not ended then are waited for. */
const GOING_ON = 2_000
const PATIENCE = 25_000

export const clock = (): number => Number(process.hrtime.bigint()) / 1e6

/** Callers that call again and again, each call with an id of its own. */
export class DisturbedLoad {
  readonly answers: Record<string, number> = {}
  private readonly calls: Call[] = []
  private readonly pending = new Map<number, number>()
  private running: ReadonlyArray<Promise<void>> = []
  private stopped = false
  private lastId = 0

  constructor (private readonly todos: Todos, private readonly mode: Mode) {}

  start (callers: number): void {
    this.running = Array.from({ length: callers }, async () => {
      while (!this.stopped) await this.call()
    })
  }

  /** Goes on for a while behind the kill, then stops and waits for what is under way. */
  async end (killedAt: number): Promise<Disturbance> {
    await delay(Math.max(0, killedAt + GOING_ON - clock()))
    this.stopped = true
    await Promise.race([Promise.all(this.running), delay(PATIENCE)])
    const hung = [...this.pending.values()].map((start): Call => ({ start, end: clock(), ok: false }))
    return summary([...this.calls, ...hung], killedAt)
  }

  private async call (): Promise<void> {
    const id = ++this.lastId
    const start = clock()
    this.pending.set(id, start)
    const replica = await this.answer(String(id))
    this.pending.delete(id)
    this.calls.push({ start, end: clock(), ok: replica !== undefined })
    // A caller whose calls fail at once must not keep the process from all else.
    if (replica === undefined) await delay(1)
    else this.answers[replica] = (this.answers[replica] ?? 0) + 1
  }

  /** The replica that answered; undefined when the call failed. */
  private async answer (id: string): Promise<string | undefined> {
    try {
      return String(await (this.mode === 'get' ? this.todos.get(id) : this.todos.create({ id })))
    } catch {
      return undefined
    }
  }
}

const greatest = (figures: readonly number[]): number => figures.reduce((most, figure) => Math.max(most, figure), 0)
const duration = ({ start, end }: Call): number => end - start

function summary (calls: readonly Call[], killedAt: number): Disturbance {
  const after = calls.filter(({ end }) => end >= killedAt)
  const sinceKill = (some: readonly Call[]): number => greatest(some.map(({ end }) => end - killedAt))
  const failed = calls.filter(({ ok }) => !ok)
  return {
    calls: calls.length,
    failed: failed.length,
    slowest: greatest(after.map(duration)),
    recovery: Math.max(sinceKill(failed), rateRecovery(calls.filter(({ ok }) => ok).map(({ end }) => end - killedAt))),
    lastFailure: sinceKill(failed)
  }
}

/** When answers came at 90 % of the rate before the kill; their times are told from the kill on. */
function rateRecovery (answers: readonly number[]): number {
  const before = answers.filter(at => at < 0 && at >= -BEFORE).length
  const wanted = 0.9 * before / BEFORE * WINDOW
  const after = answers.filter(at => at >= 0).sort((a, b) => a - b)
  let next = 0
  for (const [n, at] of after.entries()) {
    while (next < after.length && (after[next] ?? 0) < at + WINDOW) next++
    if (next - n >= wanted) return at
  }
  return GOING_ON
}
