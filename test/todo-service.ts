import type { Params } from '@feathersjs/feathers'
import { NotFound } from '@feathersjs/errors'
import { IsInt, IsString, Length } from 'class-validator'
import { Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'

export interface Todo {
  id: number
  title: string
  done: boolean
}

export class CreateTodo {
  @IsString() @Length(1, 20) title!: string
}

export class CompleteTodo {
  @IsInt() id!: number
}

/** A service with a bit of everything. */
@Distributed('todos')
export class TodoService {
  readonly todos: Todo[] = []
  /** The params of each call, as the methods got them. */
  readonly params: Array<Params | undefined> = []

  @DistributedMethod()
  async find (params?: Params): Promise<Todo[]> {
    this.params.push(params)
    return this.todos
  }

  @DistributedMethod()
  async get (id: number, params?: Params): Promise<Todo> {
    this.params.push(params)
    return this.byId(id)
  }

  @DistributedMethod()
  async create (data: CreateTodo, params?: Params): Promise<Todo> {
    this.params.push(params)
    const todo = { id: this.todos.length + 1, title: data.title, done: false }
    this.todos.push(todo)
    return todo
  }

  @DistributedMethod({ idempotent: true })
  async complete (data: CompleteTodo, params?: Params): Promise<Todo> {
    this.params.push(params)
    const todo = this.byId(data.id)
    todo.done = true
    this.completed.emit(todo)
    return todo
  }

  /** Without a decorator: nobody else may call it. */
  async wipe (): Promise<string> {
    this.todos.length = 0
    return 'wiped'
  }

  @DistributedEvent() readonly completed!: ServiceEvent<Todo>

  private byId (id: number): Todo {
    const todo = this.todos.find(candidate => candidate.id === id)
    if (todo === undefined) throw new NotFound(`no todo ${id}`)
    return todo
  }
}
