import { Type } from 'class-transformer'
import { revive, reviveResult } from '../../lib/contract/revive'

class Todo {
  id!: number
  @Type(() => Todo) parent?: Todo
  get name (): string { return `todo ${this.id}` }
}

describe('what came over the mesh', () => {
  it('becomes an instance, nested ones too', () => {
    const todo = revive(Todo, { id: 1, parent: { id: 2 } }) as Todo
    expect(todo).toBeInstanceOf(Todo)
    expect(todo.parent?.name).toBe('todo 2')
  })

  it('becomes a list of instances', () => {
    const todos = revive(Todo, [{ id: 1 }, null, { id: 2 }]) as Array<Todo | null>
    expect(todos.map(todo => todo?.name)).toEqual(['todo 1', undefined, 'todo 2'])
    expect(revive(Todo, [])).toEqual([])
  })

  it.each<[unknown]>([
    [undefined], [null], [7], ['text'], [true], [7n], [new Date(1)], [Buffer.from('a')], [new Map()]
  ])('stays as it is when it is %p', value => {
    expect(revive(Todo, value)).toBe(value)
  })

  it('stays as it is when it is an instance already', () => {
    const todo = new Todo()
    expect(revive(Todo, todo)).toBe(todo)
  })
})

describe('a page of find', () => {
  const page = { total: 2, limit: 10, skip: 0, data: [{ id: 1 }, { id: 2 }] }

  it('has instances, and is a page as before', () => {
    const revived = reviveResult('find', Todo, page) as { total: number, data: Todo[] }
    expect(revived).toMatchObject({ total: 2, limit: 10, skip: 0 })
    expect(revived).not.toBeInstanceOf(Todo)
    expect(revived.data.map(todo => todo.name)).toEqual(['todo 1', 'todo 2'])
  })

  it('is an item where another method gives it', () => {
    expect(reviveResult('get', Todo, page)).toBeInstanceOf(Todo)
    expect(reviveResult('find', Todo, { id: 1 })).toBeInstanceOf(Todo)
  })
})
