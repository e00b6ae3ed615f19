import type { DistributedModuleOptions, RemoteService } from 'feathers-mesh'
import { DistributedModule } from 'feathers-mesh'
import { TodoService } from '../todo-service'
import { until } from '../until'

export const SECRET = 'what the nodes of these tests share'
export const OTHER_SECRET = 'what nobody of them knows about'

let meshes = 0

/** Calls a service again and again while something is done, and some more after it: how all calls ended. */
export async function outcomesDuring (
  todos: RemoteService<TodoService>, action: () => Promise<void>
): Promise<Set<PromiseSettledResult<unknown>['status']>> {
  const calls: Array<Promise<unknown>> = []
  const timer = setInterval(() => calls.push(todos.create({ title: 'Buy milk' })), 20)
  try {
    await action()
    const before = calls.length
    await until('more calls', () => calls.length > before + 50)
  } finally {
    clearInterval(timer)
  }
  return new Set((await Promise.allSettled(calls)).map(({ status }) => status))
}

/** Nodes on real sockets of this machine, in a mesh of their own; all leave it after the test. */
export class CoteMesh {
  readonly cote = {
    broadcast: '127.255.255.255', port: 23_000 + process.pid % 5_000, environment: `security-${process.pid}-${++meshes}`
  }

  /** What was written to the log meanwhile, a line each. */
  readonly log: string[] = []
  private readonly nodes: DistributedModule[] = []

  constructor () {
    jest.spyOn(process, 'emitWarning').mockImplementation(warning => { this.log.push(String(warning)) })
  }

  /** A node that has joined. */
  async node (options: DistributedModuleOptions = {}): Promise<DistributedModule> {
    const node = DistributedModule.forRoot({
      timeout: 5_000, drainTimeout: 1_000, ...options, cote: { ...this.cote, ...options.cote }
    })
    this.nodes.push(node)
    await node.start()
    return node
  }

  async host (options: DistributedModuleOptions = {}): Promise<DistributedModule> {
    return await this.node({ services: [TodoService], ...options })
  }

  /** A node that has found a host. */
  async consumer (options: DistributedModuleOptions = {}): Promise<RemoteService<TodoService>> {
    return (await this.node({ remotes: ['todos'], ...options })).remote<TodoService>('todos')
  }

  async end (): Promise<void> {
    await Promise.all(this.nodes.map(async node => await node.stop()))
    jest.restoreAllMocks()
  }
}
