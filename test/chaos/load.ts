import type { Params } from '@feathersjs/feathers'
import { outcomeOf } from '../processes/obey'
import type { PlainError } from '../processes/messages'

/** One call that failed. */
export interface Failure {
  readonly id: string
  readonly method: string
  readonly error: PlainError
}

/** What became of the calls of a load. */
export interface LoadReport {
  /** The calls that went well, by their ids, and the replicas that answered. */
  readonly answered: Record<string, string>
  /** How many went well, by replica. */
  readonly answers: Record<string, number>
  readonly failures: Failure[]
}

export interface LoadOptions {
  readonly methods: readonly string[]
  readonly callers: number
}

type Remote = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>

/** Callers that call one method after the other for as long as they are let; each call has an id of its own. */
export class Load {
  private report: LoadReport = { answered: {}, answers: {}, failures: [] }
  private running: ReadonlyArray<Promise<void>> = []
  private stopped = true
  private lastId = 0

  constructor (private readonly remote: Remote) {}

  start ({ methods, callers }: LoadOptions): void {
    this.report = { answered: {}, answers: {}, failures: [] }
    this.stopped = false
    this.running = Array.from({ length: callers }, async (_, caller) => {
      for (let n = caller; !this.stopped; n++) await this.call(methods[n % methods.length])
    })
  }

  /** How many calls each replica answered until now. */
  get counts (): Record<string, number> {
    return this.report.answers
  }

  /** The ids of the calls that failed until now. */
  get failed (): string[] {
    return this.report.failures.map(({ id }) => id)
  }

  async stop (): Promise<LoadReport> {
    this.stopped = true
    await Promise.all(this.running)
    return this.report
  }

  private async call (method: string): Promise<void> {
    const id = `job-${++this.lastId}`
    const outcome = await outcomeOf(async () => await this.remote[method](...argumentsOf(method, id)))
    const { answered, answers, failures } = this.report
    if ('error' in outcome) {
      failures.push({ id, method, error: outcome.error })
      return
    }
    const replica = String(outcome.value)
    answered[id] = replica
    answers[replica] = (answers[replica] ?? 0) + 1
  }
}

function argumentsOf (method: string, id: string): unknown[] {
  switch (method) {
    case 'find': return [{ query: { id } } satisfies Params]
    case 'get':
    case 'remove': return [id]
    case 'update':
    case 'patch': return [id, {}]
    default: return [{ id }]
  }
}
