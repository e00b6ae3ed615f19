import type { RemoteService } from 'feathers-mesh'
import type { Outcome, PlainError } from './messages'
import { outcomeOf } from './obey'
import type { Todo, TodoService } from './todo-service'

/** What became of the calls of a load. */
export interface LoadReport {
  /** Calls that went well, by method. */
  readonly calls: Record<string, number>
  /** And by the replica that answered. */
  readonly answers: Record<string, number>
  readonly failures: Array<PlainError & { readonly method: string }>
}

/** Callers that call one method after the other for as long as they are let. */
const callers = 16

/** A steady load on the todos. */
export class Load {
  readonly report: LoadReport = { calls: {}, answers: {}, failures: [] }
  private readonly calls: Readonly<Record<string, () => Promise<Todo | Todo[]>>>
  private stopped = false
  private running: ReadonlyArray<Promise<void>> = []

  constructor (todos: RemoteService<TodoService>) {
    const data = { title: 'Under load' }
    this.calls = {
      find: () => todos.find(),
      get: () => todos.get(1),
      create: () => todos.create(data),
      update: () => todos.update(1, data),
      patch: () => todos.patch(1, data),
      remove: () => todos.remove(1),
      complete: () => todos.complete(data),
      wait: () => todos.wait({})
    }
  }

  start (methods: readonly string[]): void {
    this.running = Array.from({ length: callers }, async (_, caller) => {
      for (let n = caller; !this.stopped; n++) await this.call(methods[n % methods.length])
    })
  }

  async stop (): Promise<LoadReport> {
    this.stopped = true
    await Promise.all(this.running)
    return this.report
  }

  private async call (method: string): Promise<void> {
    const outcome: Outcome = await outcomeOf(this.calls[method])
    if ('error' in outcome) {
      this.report.failures.push({ ...outcome.error, method })
      return
    }
    const [{ replica }] = [outcome.value as Todo | Todo[]].flat()
    count(this.report.calls, method)
    count(this.report.answers, replica)
  }
}

function count (counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
