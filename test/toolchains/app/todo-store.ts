import type { Line, Todo } from './todo'

/** What the service is given by its constructor; nothing of the mesh in it. */
export class TodoStore {
  private readonly todos = new Map<number, Todo>()

  all (): Todo[] {
    return [...this.todos.values()]
  }

  add (title: string, lines: readonly Line[]): Todo {
    return this.put({ id: this.todos.size + 1, title, count: lines.length, done: false })
  }

  complete (id: number): Todo {
    const todo = this.todos.get(id)
    if (todo === undefined) throw new Error(`there is no todo ${id}`)
    return this.put({ ...todo, done: true })
  }

  private put (todo: Todo): Todo {
    this.todos.set(todo.id, todo)
    return todo
  }
}
