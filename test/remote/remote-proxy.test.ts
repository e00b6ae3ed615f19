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
  it('is made before its service is found, and is always the same one', () => {
    const mesh = new ScriptedMesh()
    expect(mesh.remotes.get('todos')).toBe(mesh.remotes.get('todos'))
    expect(mesh.remotes.get('todos')).not.toBe(mesh.remotes.get('users'))
  })

  it('has the same function for a method each time', () => {
    const todos = remoteOf(new ScriptedMesh())
    expect(todos.find).toBe(todos.find)
    expect(todos.find).not.toBe(todos.create)
  })

  it('calls when a method is taken off it and called by itself', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const { find } = remoteOf(mesh)
    const call = find()
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })

  it('is no promise: it may be awaited, resolved with and returned', async () => {
    const mesh = new ScriptedMesh()
    const todos = remoteOf(mesh)
    // As a program would without knowing what it has.
    expect(await (todos as unknown as Promise<unknown>)).toBe(todos)
    expect(await Promise.resolve(todos)).toBe(todos)
    expect(await (async () => todos)()).toBe(todos)
    expect((todos as { then?: unknown }).then).toBeUndefined()
  })

  it('may be printed, serialized and compared without a call', async () => {
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

  it('may be passed to a mock and looked at there', () => {
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
  ])("has nothing under '%s'", name => {
    const todos = remoteOf(new ScriptedMesh()) as unknown as Record<string, unknown>
    expect(todos[name]).toBeUndefined()
  })

  it.each([
    [Symbol.iterator], [Symbol.asyncIterator], [Symbol.toPrimitive], [Symbol.for('any')]
  ])('has nothing under %p', symbol => {
    const todos = remoteOf(new ScriptedMesh()) as unknown as Record<symbol, unknown>
    expect(todos[symbol]).toBeUndefined()
  })

  it('takes no members', () => {
    const todos = remoteOf(new ScriptedMesh()) as unknown as Record<string, unknown>
    expect(() => { todos.find = () => 'mine' }).toThrow(TypeError)
    expect(() => { todos.anything = 1 }).toThrow(TypeError)
  })
})

describe('remote.with()', () => {
  it('gives the same remote with options for its calls, and leaves the first as it is', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two']) mesh.join(id)
    const todos = remoteOf(mesh)
    const second = todos.with({ node: 'two' })
    for (let n = 0; n < 3; n++) void second.find()
    expect(mesh.asked).toEqual(['two', 'two', 'two'])
    void todos.find()
    expect(mesh.last.node).toBe('one')
  })

  it('adds to the options that the remote has', async () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two']) mesh.join(id)
    const call = remoteOf(mesh).with({ node: 'two', timeout: 60_000 }).with({ timeout: 10 }).find()
    await expect(call).rejects.toMatchObject({
      name: 'Timeout', message: 'todos.find(): no reply from node two within 10 ms'
    })
  })
})
