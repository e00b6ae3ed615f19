import type { Params } from '@feathersjs/feathers'
import { Distributed, DistributedEvent, DistributedMethod } from 'feathers-mesh'
import type { ServiceEvent } from 'feathers-mesh'

export interface Todo {
  id: number
  title: string
  done: boolean
}

export class CreateTodo {
  title!: string
}

/** A service as a user writes it; its remotes are what the other files here are about. */
@Distributed('todos')
export class TodoService {
  @DistributedEvent() readonly completed!: ServiceEvent<Todo>
  @DistributedEvent() readonly counted!: ServiceEvent<number>

  @DistributedMethod()
  async find (_params?: Params): Promise<Todo[]> {
    return []
  }

  @DistributedMethod()
  async get (id: number, _params?: Params): Promise<Todo> {
    return { id, title: '', done: false }
  }

  @DistributedMethod()
  async create (data: CreateTodo, _params?: Params): Promise<Todo> {
    return { id: this.secret(), title: data.title, done: false }
  }

  @DistributedMethod()
  async patch (id: number, data: Partial<Todo>, _params?: Params): Promise<Todo> {
    return { id, title: '', done: false, ...data }
  }

  @DistributedMethod({ idempotent: true, timeout: 2_000 })
  async complete (data: { id: number }, _params?: Params): Promise<Todo> {
    return { id: data.id, title: '', done: true }
  }

  /** Not async, yet a remote call returns a promise. */
  @DistributedMethod()
  count (_data: object): number {
    return 1
  }

  protected guarded (): number {
    return 2
  }

  private secret (): number {
    return this.guarded()
  }
}
