import type { RemoteService } from 'feathers-mesh'
import type { EventMessage } from 'feathers-mesh/transport'
import { PROCESS_LOG } from '../../lib/log'
import { Registry } from '../../lib/registry/registry'
import { RemoteEvents } from '../../lib/remote/remote-events'
import { ScriptedMesh, ScriptedTransport, todos } from './scripted-transport'

interface Todos {
  create (data: object): Promise<string>
}

const created = (message: Partial<EventMessage> = {}): EventMessage =>
  ({ path: 'todos', key: 'default', event: 'created', args: ['todo'], ...message })

function remoteOf (mesh: ScriptedMesh, path = 'todos'): RemoteService<Todos> {
  return mesh.remotes.get(path) as RemoteService<Todos>
}

describe('the events of a remote', () => {
  it('are subscribed to while at least one listener is registered', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const { listening } = mesh.transport
    const [first, second] = [jest.fn(), jest.fn()]
    expect(listening.size).toBe(0)
    remoteOf(mesh).on('created', first).on('created', second)
    expect([...listening]).toEqual(['todos'])
    remoteOf(mesh).off('created', first)
    expect([...listening]).toEqual(['todos'])
    remoteOf(mesh).off('created', second)
    expect(listening.size).toBe(0)
  })

  it.each(['error', 'newListener', 'removeListener', 'constructor', '__proto__'])(
    'are never called %s: a listener hears nothing, whatever others listen to and a peer sends', name => {
      const mesh = new ScriptedMesh()
      mesh.join('one')
      const [heard, once, hearsCreated] = [jest.fn(), jest.fn(), jest.fn()]
      const { events } = mesh.remotes
      events.on('todos', name, heard)
      remoteOf(mesh).once(name as 'created', once)
      expect(mesh.transport.listening.size).toBe(0)
      remoteOf(mesh).on('created', hearsCreated)
      for (const event of [name, 'created']) events.receive(created({ event }))
      events.off('todos', name, heard)
      remoteOf(mesh).off('created', hearsCreated)
      expect([heard, once, hearsCreated].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1])
    }
  )

  it('come late to a listener of a group that was removed, although its service was away meanwhile', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const { remotes: { events }, registry } = mesh
    let settle = (): void => {}
    const settled = new Promise<void>(resolve => { settle = resolve })
    Object.assign(mesh.transport, { groups: { join: () => {}, settled: async () => await settled } })
    const heard = jest.fn()
    events.on('todos', 'created', heard, 'office')
    events.off('todos', 'created', heard)
    const chosen = (): void => events.receive(created({ groups: ['office'] }))
    chosen()
    registry.leave('one')
    mesh.join('two')
    chosen()
    expect(heard).toHaveBeenCalledTimes(2)
    settle()
  })

  it('are subscribed to when a host joins, and unsubscribed from when the last one leaves', () => {
    const mesh = new ScriptedMesh()
    const { listening } = mesh.transport
    remoteOf(mesh).on('created', jest.fn())
    expect(listening.size).toBe(0)
    mesh.join('one')
    expect([...listening]).toEqual(['todos'])
    mesh.registry.leave('one')
    expect(listening.size).toBe(0)
    mesh.join('one')
    expect([...listening]).toEqual(['todos'])
  })

  it('reach listeners with their arguments, followed by the context', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const listener = jest.fn()
    remoteOf(mesh).on('created', listener)
    mesh.remotes.events.receive(created({ args: ['a', 'b'], context: { method: 'create' } }))
    const context = { type: null, method: 'create', params: {}, path: 'todos', event: 'created' }
    expect(listener.mock.calls).toEqual([['a', 'b', context]])
  })

  it.each<[string, unknown]>([
    ['null', null], ['a string', 'text'], ['a list', [1]], ['null as params', { params: null }],
    ['a list as params', { params: [] }], ['undefined params', { params: undefined }]
  ])('have empty params in their context when the message has %s as context', (_what, context) => {
    const mesh = new ScriptedMesh()
    mesh.join('a')
    const listener = jest.fn()
    remoteOf(mesh).on('created', listener)
    mesh.remotes.events.receive(created({ args: ['a'], context: context as EventMessage['context'] }))
    const [[, { params }]] = listener.mock.calls as [[unknown, { params: unknown }]]
    expect(params).toEqual({})
  })

  it('reach the listeners of their own key when two keys share a path', () => {
    const registry = new Registry({ placement: ({ key, path }) => `${key}/${path}` })
    const events = new RemoteEvents(registry, new ScriptedTransport(), PROCESS_LOG)
    const heard: string[] = []
    for (const key of ['first', 'second']) {
      registry.join({ id: key, key, contracts: [todos()] })
      events.on(`${key}/todos`, 'created', () => heard.push(key))
    }
    for (const key of ['second', 'first']) events.receive(created({ key }))
    registry.leave('first')
    for (const key of ['first', 'second']) events.receive(created({ key }))
    expect(heard).toEqual(['second', 'first', 'second'])
  })

  it('do not reach listeners of another path, key or name', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one', todos(), todos(['find'], 'users'))
    const listener = jest.fn()
    remoteOf(mesh).on('created', listener)
    for (
      const other of [{ path: 'users' }, { key: 'other' }, { event: 'removed' }]
    ) mesh.remotes.events.receive(created(other))
    expect(listener).not.toHaveBeenCalled()
  })

  it('reach a listener registered by once() a single time', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const listener = jest.fn()
    remoteOf(mesh).once('created', listener)
    mesh.remotes.events.receive(created())
    mesh.remotes.events.receive(created())
    expect(listener).toHaveBeenCalledTimes(1)
    expect(mesh.transport.listening.size).toBe(0)
  })

  it('do not reach a listener registered by once() after off() removed it', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const listener = jest.fn()
    remoteOf(mesh).once('created', listener).off('created', listener)
    mesh.remotes.events.receive(created())
    expect(listener).not.toHaveBeenCalled()
  })

  it('reach listeners on every remote of the path, whatever its options', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const listener = jest.fn()
    remoteOf(mesh).with({ timeout: 10 }).on('created', listener)
    mesh.remotes.events.receive(created())
    expect(listener).toHaveBeenCalledTimes(1)
    remoteOf(mesh).off('created', listener)
    expect(mesh.transport.listening.size).toBe(0)
  })

  it('still reach their listeners when off() is called for one that was never registered', () => {
    const mesh = new ScriptedMesh()
    remoteOf(mesh).off('created', jest.fn())
    remoteOf(mesh).on('created', jest.fn()).off('created', jest.fn())
    mesh.join('one')
    expect([...mesh.transport.listening]).toEqual(['todos'])
  })
})
