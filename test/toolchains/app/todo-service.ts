import type { Params } from '@feathersjs/feathers'
import { Distributed, DistributedEvent, DistributedMethod } from 'feathers-mesh'
import type { ServiceEvent } from 'feathers-mesh'
import { CompleteTodo, CreateTodo } from './todo'
import type { Todo } from './todo'
import { TodoStore } from './todo-store'

@Distributed('todos')
export class TodoService {
  @DistributedEvent() readonly completed!: ServiceEvent<Todo>

  constructor (private readonly store: TodoStore) {}

  @DistributedMethod()
  async find (_params?: Params<{ done?: boolean }>): Promise<Todo[]> {
    return this.store.all()
  }

  @DistributedMethod()
  async create (data: CreateTodo): Promise<Todo> {
    return this.store.add(data.title, data.lines)
  }

  @DistributedMethod({ idempotent: true, timeout: 2_000 })
  async complete (data: CompleteTodo): Promise<Todo> {
    const todo = this.store.complete(data.id)
    this.completed.emit(todo)
    return todo
  }
}
