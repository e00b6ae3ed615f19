import { BadRequest } from '@feathersjs/errors'
import { rejection } from '../wait-for'
import { ScriptedMesh, todos } from './scripted-transport'

describe('a call', () => {
  it('is sent to a host with what the method takes, and gives its reply', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one', todos(['find', 'get', 'create', 'update', 'patch', 'remove', 'complete']))
    const params = { query: { a: 1 } }
    const calls = [
      mesh.call('find', [params]), mesh.call('get', [1, params]), mesh.call('create', [{ b: 2 }, params]),
      mesh.call('update', [1, { b: 2 }, params]), mesh.call(
        'patch', [null, { b: 2 }, params]
      ), mesh.call('remove', [1, params]),
      mesh.call('complete', [{ b: 2 }, params])
    ]
    const common = { key: 'default', path: 'todos', params }
    expect(mesh.transport.sent.map(({ request: { deadline, ...request } }) => request)).toEqual([
      { ...common, type: 'find' },
      { ...common, type: 'get', id: 1 },
      { ...common, type: 'create', data: { b: 2 } },
      { ...common, type: 'update', id: 1, data: { b: 2 } },
      { ...common, type: 'patch', id: null, data: { b: 2 } },
      { ...common, type: 'remove', id: 1 },
      { ...common, type: 'complete', data: { b: 2 } }
    ])
    mesh.transport.sent.forEach((sent, n) => sent.reply(n))
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('carries no params where there are none, or none that are an object', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    for (const params of [undefined, null, 'text', 7]) void mesh.call('find', [params])
    expect(mesh.transport.sent.map(({ request }) => request.params)).toEqual(Array(4).fill(undefined))
  })

  it('asks the host for the service by the name that it has there', async () => {
    const mesh = new ScriptedMesh()
    mesh.registry.join({ id: 'one', key: 'backend', contracts: [todos()] })
    void mesh.call('find')
    expect(mesh.last.request).toMatchObject({ path: 'todos', key: 'backend' })
  })

  it('rejects with the error of the service as it is, and is not sent again', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    const call = mesh.call('find')
    const error = new BadRequest('no')
    mesh.last.refuse(error)
    expect(await rejection(call)).toBe(error)
    expect(mesh.asked).toHaveLength(1)
  })

  it('is settled once, whatever the transport says after that', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const call = mesh.call('find')
    const { last } = mesh
    last.reply('first')
    last.reply('second')
    last.fail('not-sent')
    last.refuse(new Error('late'))
    expect(await call).toBe('first')
    expect(mesh.asked).toHaveLength(1)
  })

  it('of a method that no host offers is refused without a request, and says what there is', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one', todos(['find']))
    mesh.join('other', todos(['create']))
    const error = await rejection(mesh.call('wipe'))
    expect(error).toMatchObject({ name: 'MethodNotAllowed', code: 405, data: { path: 'todos', method: 'wipe' } })
    expect(error.message).toBe('todos.wipe() is not a method of this service; it offers: find, create')
    expect(mesh.asked).toEqual([])
  })

  it('that cannot be encoded rejects with a TypeError that names it, and is not tried elsewhere', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    mesh.transport.unsendable = new TypeError('Do not know how to serialize a BigInt')
    const error = await rejection(mesh.call('create', [{ n: 1n }]))
    expect(error).toMatchObject({ name: 'TypeError', cause: mesh.transport.unsendable })
    expect(error.message).toBe("todos.create() can't be sent: Do not know how to serialize a BigInt")

    // The replica is not taken for a busy one ever after.
    mesh.transport.unsendable = undefined
    for (let n = 0; n < 4; n++) void mesh.call('find')
    expect([...mesh.asked].sort()).toEqual(['one', 'one', 'other', 'other'])
  })
})

describe('a call whose way fails', () => {
  it('before it was sent goes to another replica, also when it must not be repeated', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    const call = mesh.call('create', [{}])
    mesh.last.fail('not-sent')
    expect(new Set(mesh.asked)).toEqual(new Set(['one', 'other']))
    mesh.last.reply('created')
    expect(await call).toBe('created')
  })

  it.each([
    ['find'], ['complete']
  ])('with unknown outcome goes to another replica when it is idempotent: %s', async method => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two', 'three']) mesh.join(id, todos(['find', 'complete!']))
    const call = mesh.call(method)
    mesh.last.fail('unknown')
    mesh.last.fail('unknown')
    expect(new Set(mesh.asked)).toEqual(new Set(['one', 'two', 'three']))
    mesh.last.reply('done')
    expect(await call).toBe('done')
  })

  it('with unknown outcome rejects at once with Unavailable when it is not idempotent', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    const call = mesh.call('create', [{}])
    const { node } = mesh.last
    mesh.last.fail('unknown', 'the connection was lost')
    const error = await rejection(call)
    expect(error).toMatchObject({
      name: 'Unavailable', code: 503, data: { path: 'todos', method: 'create', node, outcome: 'unknown' }
    })
    expect(error.message).toBe('todos.create(): the connection was lost before the reply; ' +
      'it is not known whether it ran, so it was not sent again')
    expect(mesh.asked).toEqual([node])
  })

  it('never asks one node twice for nothing, and waits when all were asked', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    const call = mesh.call('find')
    mesh.last.fail('not-sent')
    mesh.last.fail('not-sent')
    expect(mesh.asked).toHaveLength(2)
    mesh.join('third')
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })

  it('asks a node again when that changed what it offers', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('not-sent')
    mesh.join('one', todos(['find', 'create', 'complete']))
    mesh.last.reply('found')
    expect(await call).toBe('found')
    expect(mesh.asked).toEqual(['one', 'one'])
  })

  it('says when its time is over why the last node did not take it', async () => {
    const mesh = new ScriptedMesh({ timeout: 20, retryDelay: 10_000 })
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('not-sent', 'it is leaving')
    const error = await rejection(call)
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(error.message).toBe('todos.find(): no node took it within 20 ms; node one: it is leaving')
  })
})

describe('a call without a host', () => {
  it('waits for one that comes later', async () => {
    const mesh = new ScriptedMesh()
    const call = mesh.call('find')
    mesh.join('elsewhere', todos(['find'], 'users'))
    expect(mesh.asked).toEqual([])
    mesh.join('one')
    mesh.last.reply('found')
    expect(await call).toBe('found')
    expect(mesh.registry.listenerCount('service')).toBe(new ScriptedMesh().registry.listenerCount('service'))
  })

  it('is refused when the one that comes has no such method', async () => {
    const mesh = new ScriptedMesh()
    const call = mesh.call('wipe')
    mesh.join('one')
    expect(await rejection(call)).toMatchObject({ name: 'MethodNotAllowed' })
  })

  it('says when its time is over that the service was never seen, nor any other', async () => {
    const error = await rejection(new ScriptedMesh({ timeout: 20 }).call('find'))
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(error.message).toBe('todos.find(): no node took it within 20 ms; ' +
      "'todos' has never been seen on the mesh, nor has any other service")
  })

  it('says which other services there are', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one', todos(['find'], 'users'), todos(['find'], 'todo'))
    expect((await rejection(mesh.call('find'))).message).toContain('but these have: users, todo')
  })

  it('says where the service was seen last', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one')
    mesh.registry.leave('one')
    expect((await rejection(mesh.call('find'))).message).toMatch(
      /'todos' was last seen on node one at \d{4}-\d\d-\d\dT/
    )
  })
})

describe('the time of a call', () => {
  it('is over with Timeout naming the node, when one was asked, and the request is forgotten', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one')
    const error = await rejection(mesh.call('find'))
    expect(error).toMatchObject({
      name: 'Timeout', code: 408, data: { path: 'todos', method: 'find', node: 'one', outcome: 'unknown' }
    })
    expect(error.message).toBe('todos.find(): no reply from node one within 20 ms')
    expect(mesh.transport.forgotten).toEqual([['one', 1]])
  })

  it('is that of the caller, else that of the method, else that of the node', async () => {
    const mesh = new ScriptedMesh({ timeout: 30 })
    mesh.join(
      'one',
      {
        path: 'todos', events: [],
        methods: [{ name: 'slow', idempotent: false, timeout: 20 }, { name: 'find', idempotent: true }]
      }
    )
    const messages = await Promise.all([
      mesh.call('slow', [], { timeout: 10 }), mesh.call('slow'), mesh.call('find')
    ].map(async call => (await rejection(call)).message))
    expect(messages.map(message => message.replace(/.* within/, ''))).toEqual([' 10 ms', ' 20 ms', ' 30 ms'])
  })

  it('leaves nothing that keeps the process when the call ends before', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    const timers = jest.spyOn(global, 'clearTimeout')
    const call = mesh.call('find')
    mesh.last.reply(1)
    await call
    expect(timers).toHaveBeenCalledTimes(1)
    timers.mockRestore()
  })
})

describe('a call with a signal', () => {
  it('is given up with the reason of the signal, and its request is forgotten', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const controller = new AbortController()
    const call = mesh.call('find', [], { signal: controller.signal })
    const reason = new Error('changed my mind')
    controller.abort(reason)
    expect(await rejection(call)).toBe(reason)
    expect(mesh.transport.forgotten).toEqual([['one', 1]])
  })

  it('is given up while it waits for a host', async () => {
    const mesh = new ScriptedMesh()
    const controller = new AbortController()
    const call = mesh.call('find', [], { signal: controller.signal })
    controller.abort()
    expect(await rejection(call)).toMatchObject({ name: 'AbortError' })
    mesh.join('one')
    expect(mesh.asked).toEqual([])
  })

  it('is not sent when the signal was aborted before', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    expect(
      await rejection(mesh.call('find', [], { signal: AbortSignal.abort() }))
    ).toMatchObject({ name: 'AbortError' })
    expect(mesh.asked).toEqual([])
  })

  it('lets go of the signal when it ends', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const { signal } = new AbortController()
    const off = jest.spyOn(signal, 'removeEventListener')
    const call = mesh.call('find', [], { signal })
    mesh.last.reply(1)
    await call
    expect(off).toHaveBeenCalledWith('abort', expect.any(Function))
  })
})

describe('a call with a node', () => {
  it('asks that node and no other', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two', 'three']) mesh.join(id)
    for (let n = 0; n < 5; n++) void mesh.call('find', [], { node: 'two' })
    expect(mesh.asked).toEqual(Array(5).fill('two'))
  })

  it('goes nowhere else when that node fails, not even if it is idempotent', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('two')
    const call = mesh.call('find', [], { node: 'two', retries: 0 })
    mesh.last.fail('unknown', 'lost')
    const error = await rejection(call)
    expect(error).toMatchObject({ name: 'Unavailable', data: { node: 'two', outcome: 'unknown' } })
    expect(mesh.asked).toEqual(['two'])
  })

  it('waits for that node, and says who hosts the service instead when it does not come', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one')
    const error = await rejection(mesh.call('find', [], { node: 'two' }))
    expect(error.message).toContain('node two does not host it, but these do: one')

    const call = mesh.call('find', [], { node: 'three', timeout: 5_000 })
    mesh.join('three')
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })
})

describe('a service that this node hosts', () => {
  it('is called locally, without a request', async () => {
    const callLocally = jest.fn(async () => 'local')
    const mesh = new ScriptedMesh({ callLocally })
    mesh.registry.host(todos())
    mesh.join('one')
    expect(await mesh.call('create', [{ a: 1 }])).toBe('local')
    expect(callLocally).toHaveBeenCalledWith('todos', 'create', [{ a: 1 }])
    expect(mesh.asked).toEqual([])
  })

  it('is called on another node when the call names that one', () => {
    const mesh = new ScriptedMesh()
    mesh.registry.host(todos())
    mesh.join('one')
    void mesh.call('find', [], { node: 'one' })
    expect(mesh.asked).toEqual(['one'])
  })

  it('refuses a method that it does not offer', async () => {
    const mesh = new ScriptedMesh()
    mesh.registry.host(todos(['find']))
    expect(await rejection(mesh.call('wipe'))).toMatchObject({ name: 'MethodNotAllowed' })
  })
})
