/** A node that hosts nothing and calls the todos; it knows the service by its types only. */
import { DistributedModule, InjectRemote } from 'feathers-mesh'
import type { CallOptions, RemoteService } from 'feathers-mesh'
import { injectable } from 'tsyringe'
import { Load } from './load'
import { obey, outcomeOf, stopOnSigterm, tell } from './obey'
import type { TodoService } from './todo-service'

type Todos = RemoteService<TodoService>
type AnyMethod = (...args: readonly unknown[]) => Promise<unknown>

interface Call {
  readonly method: string
  readonly args?: readonly unknown[]
  readonly options?: CallOptions
  /** How many of them run concurrently. */
  readonly times?: number
}

@injectable()
class Dashboard {
  constructor (@InjectRemote('todos') readonly todos: Todos) {}

  /** What a user writes: every type here is checked by the compiler. */
  async open (): Promise<string[]> {
    const [first] = await this.todos.find({ query: { done: false } })
    const second = await this.todos.get(first.id)
    return [first.title, second.replica]
  }

  watch (): void {
    const tellOf = (event: string) => (payload: unknown, context: object): void => {
      tell('heard', { event, payload, context })
    }
    this.todos.on('created', tellOf('created')).on('updated', tellOf('updated')).on('patched', tellOf('patched'))
      .on('removed', tellOf('removed')).on('completed', todo => tellOf('completed')(todo, {}))
  }
}

const mesh = DistributedModule.forRoot({ remotes: ['todos'] })
const dashboard = mesh.resolve(Dashboard)
const load = new Load(dashboard.todos)

/** A method by a name that only the test knows. */
function methodOf (name: string, options: CallOptions = {}): AnyMethod {
  return (dashboard.todos.with(options) as unknown as Record<string, AnyMethod>)[name]
}

stopOnSigterm(() => mesh.stop())

obey({
  start: () => mesh.start(),
  nodes: () => mesh.nodes(),
  services: () => mesh.services(),
  open: () => dashboard.open(),
  watch: () => dashboard.watch(),
  call: ({ method, args = [], options }: Call) => methodOf(method, options)(...args),
  calls: ({ method, args = [], options, times = 1 }: Call) =>
    Promise.all(Array.from({ length: times }, () => outcomeOf(() => methodOf(method, options)(...args)))),
  startLoad: (methods: string[]) => load.start(methods),
  load: () => load.report,
  stopLoad: () => load.stop()
})
