import { setTimeout as delay } from 'node:timers/promises'
import { NotFound } from '@feathersjs/errors'
import type { Id, Params } from '@feathersjs/feathers'
import { IsString, Length } from 'class-validator'
import { Distributed, DistributedEvent, DistributedMethod } from 'feathers-mesh'
import type { ServiceEvent } from 'feathers-mesh'
import { inject } from 'tsyringe'
import { tell } from './obey'

/** The token under which a replica registers its own name. */
export const REPLICA = Symbol('replica')

export interface Todo {
  id: Id
  title: string
  /** Which replica answered. */
  replica: string
}

export class TodoData {
  @IsString() @Length(1, 20) title!: string
}

/** Milliseconds that a call takes, so that some are under way at any time, and their load leaves others the machine. */
const work = 25

/** Keeps no todos, but counts: what was called how often on this replica. */
@Distributed('todos')
export class TodoService {
  /** Finished calls by method. */
  readonly runs: Record<string, number> = {}
  /** Whether calls of `wait` never end. */
  blocked = false

  constructor (@inject(REPLICA) private readonly replica: string) {}

  @DistributedEvent() readonly completed!: ServiceEvent<Todo>

  @DistributedMethod()
  async find (_params?: Params): Promise<Todo[]> {
    return [await this.run('find', 1)]
  }

  @DistributedMethod()
  async get (id: Id, _params?: Params): Promise<Todo> {
    if (id === 'none') throw new NotFound(`There is no todo ${id}`)
    return await this.run('get', id)
  }

  @DistributedMethod()
  async create (data: TodoData, _params?: Params): Promise<Todo> {
    return await this.run('create', 1, data.title)
  }

  @DistributedMethod()
  async update (id: Id, data: TodoData, _params?: Params): Promise<Todo> {
    return await this.run('update', id, data.title)
  }

  @DistributedMethod()
  async patch (id: Id, data: TodoData, _params?: Params): Promise<Todo> {
    return await this.run('patch', id, data.title)
  }

  @DistributedMethod()
  async remove (id: Id, _params?: Params): Promise<Todo> {
    return await this.run('remove', id)
  }

  @DistributedMethod()
  async complete (data: TodoData, _params?: Params): Promise<Todo> {
    const todo = await this.run('complete', 1, data.title)
    this.completed.emit(todo)
    return todo
  }

  /** Can be called twice; never ends on a replica that is blocked. */
  @DistributedMethod({ idempotent: true, data: Object })
  async wait (_data: object, _params?: Params): Promise<Todo> {
    if (this.blocked) await this.hold()
    return await this.run('wait', 1)
  }

  /** Can't be called twice, and never ends. */
  @DistributedMethod()
  async hold (): Promise<never> {
    tell('holding')
    return await new Promise<never>(() => {})
  }

  private async run (method: string, id: Id, title = 'Water the plants'): Promise<Todo> {
    await delay(work)
    this.runs[method] = (this.runs[method] ?? 0) + 1
    return { id, title, replica: this.replica }
  }
}
