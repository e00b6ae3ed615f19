import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TodoStore } from '../../samples/todos/todo-store'

describe('the store of the todos sample', () => {
  let directory: string
  let file: string
  let store: TodoStore

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'todo-store-'))
    file = join(directory, 'todos.json')
    store = TodoStore.open(file, 'A', ['First'])
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const complete = () => store.change(({ todos }) => Object.assign(todos[0], { done: true }))
  /** What replica B leaves behind when it is killed during a change. */
  const die = () => renameSync(`${file}.lock`, `${file}.lock.B`)

  it('stores a change and leaves no other file behind', async () => {
    expect(await complete()).toEqual({ id: 1, title: 'First', done: true })
    expect(store.read()).toEqual({ lastId: 1, todos: [{ id: 1, title: 'First', done: true }] })
    expect(readdirSync(directory)).toEqual(['todos.json', 'todos.json.lock'])
  })

  it('discards a change that fails, and frees the lock', async () => {
    await expect(store.change(({ todos }) => {
      todos.length = 0
      throw new Error('on second thoughts')
    })).rejects.toThrow('on second thoughts')
    expect(store.read().todos).toHaveLength(1)
    await complete()
  })

  it('waits for the lock of a killed replica until it is removed', async () => {
    die()
    const completed = complete()
    TodoStore.unlock(file, 'B')
    expect((await completed).done).toBe(true)
  })

  it('removes the lock of its former process when a replica starts again', async () => {
    die()
    TodoStore.open(file, 'B')
    expect((await complete()).done).toBe(true)
  })

  it('is created only by the first replica that opens it', async () => {
    await complete()
    expect(TodoStore.open(file, 'B', ['Another']).read().todos).toEqual([{ id: 1, title: 'First', done: true }])
    expect(readdirSync(directory)).toEqual(['todos.json', 'todos.json.lock'])
  })

  it('gives up on a lock that nobody frees', async () => {
    die()
    await expect(complete()).rejects.toMatchObject({ name: 'Unavailable' })
    expect(store.read().todos[0].done).toBe(false)
  })

  it('leaves the lock of another replica alone', async () => {
    die()
    TodoStore.unlock(file, 'A')
    expect(readdirSync(directory)).toEqual(['todos.json', 'todos.json.lock.B'])
  })
})
