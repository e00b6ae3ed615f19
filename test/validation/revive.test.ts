import { Type } from 'class-transformer'
import { revive, reviveResult } from '../../lib/validation/revive'

class Todo {
  id!: number
  @Type(() => Todo) parent?: Todo
  get name (): string { return `todo ${this.id}` }
}

describe('a value received over the mesh', () => {
  it('becomes an instance with nested instances', () => {
    const todo = revive(Todo, { id: 1, parent: { id: 2 } }) as Todo
    expect(todo).toBeInstanceOf(Todo)
    expect(todo.parent?.name).toBe('todo 2')
  })

  it('becomes a list of instances when it is a list', () => {
    const todos = revive(Todo, [{ id: 1 }, null, { id: 2 }]) as Array<Todo | null>
    expect(todos.map(todo => todo?.name)).toEqual(['todo 1', undefined, 'todo 2'])
    expect(revive(Todo, [])).toEqual([])
  })

  it.each<[unknown]>([
    [undefined], [null], [7], ['text'], [true], [7n], [new Date(1)], [Buffer.from('a')], [new Map()]
  ])('is not changed when it is %p', value => {
    expect(revive(Todo, value)).toBe(value)
  })

  it('is not changed when it is already an instance', () => {
    const todo = new Todo()
    expect(revive(Todo, todo)).toBe(todo)
  })
})

describe('a page', () => {
  const page = { total: 2, limit: 10, skip: 0, data: [{ id: 1 }, { id: 2 }] }

  it('contains instances and stays a page when it is the result of find', () => {
    const revived = reviveResult('find', Todo, page) as { total: number, data: Todo[] }
    expect(revived).toMatchObject({ total: 2, limit: 10, skip: 0 })
    expect(revived).not.toBeInstanceOf(Todo)
    expect(revived.data.map(todo => todo.name)).toEqual(['todo 1', 'todo 2'])
  })

  it('becomes an instance when it is the result of another method', () => {
    expect(reviveResult('get', Todo, page)).toBeInstanceOf(Todo)
    expect(reviveResult('find', Todo, { id: 1 })).toBeInstanceOf(Todo)
  })
})

describe('the dispatch of a received value', () => {
  const DISPATCH = Symbol.for('@feathersjs/schema/dispatch')
  const dispatchOf = (value: unknown): unknown => (value as { [DISPATCH]?: unknown })[DISPATCH]
  const hiding = <T extends object>(value: T, dispatch: unknown): T =>
    Object.defineProperty(value, DISPATCH, { value: dispatch })

  class Owner { name!: string }
  class Car {
    id!: number
    @Type(() => Owner) owner!: Owner
    @Type(() => Owner) drivers!: Owner[]
  }

  const owner = (name: string): object => hiding({ name, password: 'SECRET' }, { name })
  const car = (id: number): object =>
    hiding({ id, owner: owner('ada'), drivers: hiding([owner('bob')], 'drivers'), secret: 1 }, { id })

  it('moves to the instances at any depth, in lists and in pages', () => {
    const list = revive(Car, hiding([car(1)], [{ id: 1 }])) as Car[]
    const page = reviveResult('find', Car, hiding({ total: 1, data: [car(2)] }, { total: 1 })) as { data: Car[] }
    expect([dispatchOf(list), dispatchOf(page)]).toEqual([[{ id: 1 }], { total: 1 }])
    for (const [index, made] of [list[0], page.data[0], revive(Car, car(3)) as Car].entries()) {
      expect(made).toBeInstanceOf(Car)
      expect(dispatchOf(made)).toEqual({ id: index + 1 })
      expect(made.owner).toBeInstanceOf(Owner)
      expect([dispatchOf(made.owner), dispatchOf(made.drivers[0])]).toEqual([{ name: 'ada' }, { name: 'bob' }])
      expect(dispatchOf(made.drivers)).toBe('drivers')
      expect(Object.keys(made)).not.toContain('Symbol(@feathersjs/schema/dispatch)')
    }
  })

  it('is not added when there was none', () => {
    expect(Object.getOwnPropertySymbols(revive(Owner, { name: 'ada' }) as object)).toEqual([])
  })
})
