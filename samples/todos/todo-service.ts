import { NotFound } from '@feathersjs/errors'
import type { Id, Params } from '@feathersjs/feathers'
import { IsInt, IsString, Length, Min } from 'class-validator'
import { Distributed, DistributedEvent, DistributedMethod } from 'feathers-mesh'
import type { ServiceEvent } from 'feathers-mesh'
import { inject } from 'tsyringe'
import { TodoStore } from './todo-store'
import type { Todo } from './todo-store'

/** The token under which a replica registers its own name. */
export const REPLICA = Symbol('replica')

/** A result with the name of the replica that returned it, so that the page can show it. */
export type Answer<T> = T & { replica: string }

export class CreateTodo {
  @IsString() @Length(1, 200) title!: string
}

export class CompleteTodo {
  @IsInt() @Min(1) id!: number
}

@Distributed('todos')
export class TodoService {
  constructor (private readonly store: TodoStore, @inject(REPLICA) private readonly replica: string) {}

  /** Emitted when a todo is completed, in addition to the standard events `created` and `removed` of Feathers. */
  @DistributedEvent() readonly completed!: ServiceEvent<Answer<Todo>>

  @DistributedMethod()
  async find (params?: Params): Promise<Answer<{ total: number, data: Todo[] }>> {
    const done = params?.query?.done
    const data = this.store.read().todos.filter(todo => done === undefined || String(todo.done) === String(done))
    return this.answer({ total: data.length, data })
  }

  @DistributedMethod()
  async get (id: Id, _params?: Params): Promise<Answer<Todo>> {
    return this.answer(existing(this.store.read().todos, id))
  }

  @DistributedMethod()
  async create (data: CreateTodo, _params?: Params): Promise<Answer<Todo>> {
    return this.answer(await this.store.change(content => {
      const todo = { id: ++content.lastId, title: data.title, done: false }
      content.todos.push(todo)
      return todo
    }))
  }

  @DistributedMethod()
  async remove (id: Id, _params?: Params): Promise<Answer<Todo>> {
    return this.answer(await this.store.change(content => {
      const todo = existing(content.todos, id)
      content.todos.splice(content.todos.indexOf(todo), 1)
      return todo
    }))
  }

  // Completing a todo twice has the same effect as completing it once. So the mesh may repeat the call on the other
  // replica when one dies. The event is emitted each time, because the first one may have been lost too.
  @DistributedMethod({ idempotent: true, timeout: 2_000 })
  async complete (data: CompleteTodo, _params?: Params): Promise<Answer<Todo>> {
    const todo = this.answer(await this.store.change(content => {
      const found = existing(content.todos, data.id)
      found.done = true
      return found
    }))
    this.completed.emit(todo)
    return todo
  }

  private answer<T extends object> (value: T): Answer<T> {
    return { ...value, replica: this.replica }
  }
}

function existing (todos: Todo[], id: Id): Todo {
  // An id in a URL arrives as a string.
  const todo = todos.find(candidate => candidate.id === Number(id))
  if (!todo) throw new NotFound(`There is no todo ${id}`)
  return todo
}
