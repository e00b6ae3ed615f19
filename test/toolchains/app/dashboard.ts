import { InjectRemote } from 'feathers-mesh'
import type { RemoteService } from 'feathers-mesh'
import { injectable } from 'tsyringe'
import type { CreateTodo } from './todo'
import type { TodoService } from './todo-service'

/** All that a consumer does with the service, and what came of it. */
@injectable()
export class Dashboard {
  constructor (@InjectRemote('todos') private readonly todos: RemoteService<TodoService>) {}

  async results (): Promise<string> {
    const heard = new Promise<string>(resolve => {
      this.todos.once('completed', todo => resolve(`heard of ${todo.id.toFixed()}`))
    })
    const before: number = (await this.todos.find({ query: { done: false } })).length
    const { id, count } = await this.todos.create({ title: 'Buy milk', lines: [{ sku: 'milk', quantity: 2 }] })
    // The types let it pass, the rules must not.
    const wrong: CreateTodo = { title: 'Buy bread', lines: [{ sku: 'bread', quantity: -1 }] }
    const refused = await this.todos.create(wrong).then(() => 'accepted', error => (error as Error).name)
    const { done } = await this.todos.complete({ id })
    // @ts-expect-error -- a misspelt method does not compile
    void this.todos.fnid
    return [before, count, refused, done, await heard].join(', ')
  }
}
