import { setTimeout as delay } from 'node:timers/promises'
import type { PlainError } from '../messages'
import { outcomeOf } from '../obey'
import type { Note } from './notes-service'

/** What became of the calls of a load. */
export interface CallReport {
  /** Calls that went well, by the node that answered. */
  readonly answers: Record<string, number>
  readonly failures: Array<PlainError & { readonly method: string }>
}

/** Callers that call one method after the other, with short pauses, for as long as they are let. */
const callers = 8
/** So that the processes under test get the machine, not the load. */
const pause = 20

const argumentsOf: Readonly<Record<string, readonly unknown[]>> = { get: [1], create: [{ title: 'Under load' }] }

/** A steady load on the notes. */
export class CallLoad {
  readonly report: CallReport = { answers: {}, failures: [] }
  private stopped = false
  private running: ReadonlyArray<Promise<void>> = []

  constructor (private readonly call: (method: string, args: readonly unknown[]) => Promise<unknown>) {}

  start (methods: readonly string[]): void {
    this.running = Array.from({ length: callers }, async (_, caller) => {
      for (let n = caller; !this.stopped; n++) {
        await this.once(methods[n % methods.length])
        await delay(pause)
      }
    })
  }

  async stop (): Promise<CallReport> {
    this.stopped = true
    await Promise.all(this.running)
    return this.report
  }

  private async once (method: string): Promise<void> {
    const outcome = await outcomeOf(async () => await this.call(method, argumentsOf[method] ?? []))
    if ('error' in outcome) {
      this.report.failures.push({ ...outcome.error, method })
      return
    }
    const [{ node }] = [outcome.value as Note | Note[]].flat()
    this.report.answers[node] = (this.report.answers[node] ?? 0) + 1
  }
}
