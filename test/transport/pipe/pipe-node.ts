import { Distributed, DistributedEvent, DistributedMethod, DistributedModule, type ServiceEvent } from 'feathers-mesh'
import { PipeTransport } from './pipe-transport'

export interface Todo {
  readonly title: string
  /** The process that made it. */
  readonly pid: number
}

/** The first program argument is the path of the hub; a second one makes `find` hang. */
const [path = '', hangs] = process.argv.slice(2)

/** A service whose replicas tell who they are. */
@Distributed('todos')
export class PipeTodos {
  @DistributedEvent() readonly completed!: ServiceEvent<Todo>

  @DistributedMethod()
  async find (): Promise<Todo[]> {
    if (hangs !== undefined) {
      process.send?.('hangs')
      await new Promise(() => {})
    }
    return [{ title: 'the only one', pid: process.pid }]
  }

  @DistributedMethod({ data: Object })
  async create ({ title }: { readonly title: string }): Promise<Todo> {
    const todo = { title, pid: process.pid }
    this.completed.emit(todo)
    return todo
  }
}

const node = DistributedModule.forRoot({ transport: new PipeTransport(path), services: [PipeTodos] })
process.on('disconnect', () => process.exit())
void node.start().then(() => process.send?.('started'))
