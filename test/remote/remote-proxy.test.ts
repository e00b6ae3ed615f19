import { inspect } from 'node:util'
import type { RemoteService } from 'feathers-mesh'
import { container } from 'tsyringe'
import { ScriptedMesh } from './scripted-transport'

interface Todos {
  find (): Promise<string>
  create (data: object): Promise<string>
}

function remoteOf (mesh: ScriptedMesh): RemoteService<Todos> {
  return mesh.remotes.get('todos') as RemoteService<Todos>
}

describe('a remote', () => {
  it('exists before its service is found, and is always the same object', () => {
    const mesh = new ScriptedMesh()
    expect(mesh.remotes.get('todos')).toBe(mesh.remotes.get('todos'))
    expect(mesh.remotes.get('todos')).not.toBe(mesh.remotes.get('users'))
  })

  it('returns the same function for a method each time', () => {
    const todos = remoteOf(new ScriptedMesh())
    expect(todos.find).toBe(todos.find)
    expect(todos.find).not.toBe(todos.create)
  })

  it('can be called through a method that was detached from it', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const { find } = remoteOf(mesh)
    const call = find()
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })

  it('is not a promise, so it can be awaited, resolved and returned', async () => {
    const mesh = new ScriptedMesh()
    const todos = remoteOf(mesh)
    // As a program would without knowing what it has.
    expect(await (todos as unknown as Promise<unknown>)).toBe(todos)
    expect(await Promise.resolve(todos)).toBe(todos)
    expect(await (async () => todos)()).toBe(todos)
    expect((todos as { then?: unknown }).then).toBeUndefined()
  })

  it('can be printed, serialized and compared without a call', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const todos = remoteOf(mesh)
    const other = mesh.remotes.get('users')
    expect(inspect(todos)).toBe("RemoteService { 'todos' }")
    expect(inspect({ todos })).toBe("{ todos: RemoteService { 'todos' } }")
    expect(Object.prototype.toString.call(todos)).toBe('[object RemoteService]')
    expect(JSON.stringify({ todos })).toBe('{"todos":{}}')
    expect(todos).toEqual(todos)
    expect({ todos }).toEqual({ todos })
    expect(todos).not.toBe(other)
    expect(() => expect(todos).toEqual({ a: 1 })).toThrow()
    expect(() => expect(todos).toBe(other)).toThrow()
    expect(todos).toEqual(expect.anything())
    expect(new Set([todos, todos]).size).toBe(1)
    expect(mesh.asked).toEqual([])
  })

  it('can be passed to a mock and inspected there', () => {
    const mesh = new ScriptedMesh()
    const mock = jest.fn()
    mock(remoteOf(mesh))
    expect(mock).toHaveBeenCalledWith(remoteOf(mesh))
    expect(() => expect(mock).toHaveBeenCalledWith('something else')).toThrow()
    expect(mesh.asked).toEqual([])
  })

  it('is not disposed of with the container that holds it', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const child = container.createChildContainer()
    const token = Symbol('todos')
    child.register(token, { useFactory: () => remoteOf(mesh) })
    child.resolve(token)
    await child.dispose()
    expect((remoteOf(mesh) as { dispose?: unknown }).dispose).toBeUndefined()
    expect(mesh.asked).toEqual([])
  })

  it.each([
    ['then'], ['catch'], ['finally'], ['toJSON'], ['dispose'], ['constructor'], ['prototype'], ['toString'],
    ['valueOf'], ['__proto__'],
    ['hasOwnProperty'], ['emit'], ['addListener'], ['asymmetricMatch'], ['nodeType'], ['hasAttribute'], ['$$typeof'],
    ['@@__IMMUTABLE_ITERABLE__@@'],
    ['0'], ['']
  ])("has no member named '%s'", name => {
    const todos = remoteOf(new ScriptedMesh()) as unknown as Record<string, unknown>
    expect(todos[name]).toBeUndefined()
  })

  it.each([
    [Symbol.iterator], [Symbol.asyncIterator], [Symbol.toPrimitive], [Symbol.for('any')]
  ])('has no member under %p', symbol => {
    const todos = remoteOf(new ScriptedMesh()) as unknown as Record<symbol, unknown>
    expect(todos[symbol]).toBeUndefined()
  })

  it('does not accept new members', () => {
    const todos = remoteOf(new ScriptedMesh()) as unknown as Record<string, unknown>
    expect(() => { todos.find = () => 'mine' }).toThrow(TypeError)
    expect(() => { todos.anything = 1 }).toThrow(TypeError)
  })
})

describe('remote.with()', () => {
  it('returns the remote with other options and leaves the original unchanged', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two']) mesh.join(id)
    const todos = remoteOf(mesh)
    const second = todos.with({ node: 'two' })
    for (let n = 0; n < 3; n++) void second.find()
    expect(mesh.asked).toEqual(['two', 'two', 'two'])
    void todos.find()
    expect(mesh.last.node).toBe('one')
  })

  it('adds to the options that the remote already has', async () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two']) mesh.join(id)
    const call = remoteOf(mesh).with({ node: 'two', timeout: 60_000 }).with({ timeout: 10 }).find()
    await expect(call).rejects.toMatchObject({
      name: 'Timeout', message: 'todos.find(): no reply from node two within 10 ms'
    })
  })
})
