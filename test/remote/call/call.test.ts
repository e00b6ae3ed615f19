import { getEventListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BadRequest } from '@feathersjs/errors'
import { meshNow } from '../../../lib/clock'
import type { CallScope } from '../../../lib/remote/call/call-scope'
import { rejection, until } from '../../until'
import { ScriptedMesh, todos, type SentRequest } from '../scripted-transport'

describe('a call', () => {
  it('is sent to a host with the arguments of its method and resolves with the reply', async () => {
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
    expect(mesh.transport.sent.map(({ request: { deadline: _, ...request } }) => request)).toEqual([
      { ...common, method: 'find' },
      { ...common, method: 'get', id: 1 },
      { ...common, method: 'create', data: { b: 2 } },
      { ...common, method: 'update', id: 1, data: { b: 2 } },
      { ...common, method: 'patch', id: null, data: { b: 2 } },
      { ...common, method: 'remove', id: 1 },
      { ...common, method: 'complete', data: { b: 2 } }
    ])
    mesh.transport.sent.forEach((sent, n) => sent.reply(n))
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('has no params in its request when they are missing or not an object', () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    for (const params of [undefined, null, 'text', 7]) void mesh.call('find', [params])
    expect(mesh.transport.sent.map(({ request }) => request.params)).toEqual(Array(4).fill(undefined))
  })

  it('is sent with the key and the path that the service has on its host', async () => {
    const mesh = new ScriptedMesh()
    mesh.registry.join({ id: 'one', key: 'backend', contracts: [todos()] })
    void mesh.call('find')
    expect(mesh.last.request).toMatchObject({ path: 'todos', key: 'backend' })
  })

  it('rejects with the error of the service unchanged and is not sent again', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    const call = mesh.call('find')
    const error = new BadRequest('no')
    mesh.last.refuse(error)
    expect(await rejection(call)).toBe(error)
    expect(mesh.asked).toHaveLength(1)
  })

  it('is settled once, whatever the transport reports after that', async () => {
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

  it('is refused without a request, in an error that lists the methods, when no host offers its method', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one', todos(['find']))
    mesh.join('other', todos(['create']))
    const error = await rejection(mesh.call('wipe'))
    expect(error).toMatchObject({ name: 'MethodNotAllowed', code: 405, data: { path: 'todos', method: 'wipe' } })
    expect(error.message).toBe('todos.wipe() is not a method of this service; it offers: find, create')
    expect(mesh.asked).toEqual([])
  })

  it('rejects with a BadRequest that names it, without a retry, when it cannot be encoded', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('other')
    mesh.transport.unsendable = new TypeError('Do not know how to serialize a BigInt')
    const error = await rejection(mesh.call('create', [{ n: 1n }]))
    expect(error).toMatchObject({
      name: 'BadRequest',
      code: 400,
      data: { path: 'todos', method: 'create', code: 'MESH_UNSENDABLE', outcome: 'not-sent' },
      cause: mesh.transport.unsendable
    })
    expect(error.message).toBe("todos.create() can't be sent: Do not know how to serialize a BigInt")

    // The replica is not taken for a busy one ever after.
    mesh.transport.unsendable = undefined
    for (let n = 0; n < 4; n++) void mesh.call('find')
    expect([...mesh.asked].sort()).toEqual(['one', 'one', 'other', 'other'])
  })
})

describe('a call whose transport fails', () => {
  it('goes to another replica when the request was never sent, even if the method is not idempotent', async () => {
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
  ])('goes to another replica when the outcome is unknown and its method is idempotent, like %s', async method => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two', 'three']) mesh.join(id, todos(['find', 'complete!']))
    const call = mesh.call(method)
    mesh.last.fail('unknown')
    mesh.last.fail('unknown')
    expect(new Set(mesh.asked)).toEqual(new Set(['one', 'two', 'three']))
    mesh.last.reply('done')
    expect(await call).toBe('done')
  })

  it('rejects at once with Unavailable when the outcome is unknown and its method is not idempotent', async () => {
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

  it('never asks a node twice before a pause, and waits when all nodes were asked', async () => {
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

  it('asks a node again when the node changes its offer', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('not-sent')
    mesh.join('one', todos(['find', 'create', 'complete']))
    mesh.last.reply('found')
    expect(await call).toBe('found')
    expect(mesh.asked).toEqual(['one', 'one'])
  })

  it('reports why the last node did not take it when it times out', async () => {
    const mesh = new ScriptedMesh({ timeout: 20, retryDelay: 10_000 })
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('not-sent', 'it is leaving')
    const error = await rejection(call)
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(error.message).toBe('todos.find(): no node took it within 20 ms; node one: it is leaving')
  })
})

describe('a call to a service without a host', () => {
  it('waits for a host to join', async () => {
    const mesh = new ScriptedMesh()
    const call = mesh.call('find')
    mesh.join('elsewhere', todos(['find'], 'users'))
    expect(mesh.asked).toEqual([])
    mesh.join('one')
    mesh.last.reply('found')
    expect(await call).toBe('found')
    expect(mesh.registry.listenerCount('service')).toBe(new ScriptedMesh().registry.listenerCount('service'))
  })

  it('is refused when the host that joins lacks the method', async () => {
    const mesh = new ScriptedMesh()
    const call = mesh.call('wipe')
    mesh.join('one')
    expect(await rejection(call)).toMatchObject({ name: 'MethodNotAllowed' })
  })

  it('times out with an error that says that no service was ever seen', async () => {
    const error = await rejection(new ScriptedMesh({ timeout: 20 }).call('find'))
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(error.message).toBe('todos.find(): no node took it within 20 ms; ' +
      "'todos' has never been seen on the mesh, nor has any other service")
  })

  it('times out with an error that lists the other services', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one', todos(['find'], 'users'), todos(['find'], 'todo'))
    expect((await rejection(mesh.call('find'))).message).toContain('but these have: users, todo')
  })

  it('times out with an error that says where the service was last seen', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one')
    mesh.registry.leave('one')
    expect((await rejection(mesh.call('find'))).message).toMatch(
      /'todos' was last seen on node one at \d{4}-\d\d-\d\dT/
    )
  })
})

describe('the timeout of a call', () => {
  it('rejects it with Timeout and the node that was asked, and cancels the request', async () => {
    const mesh = new ScriptedMesh({ timeout: 20 })
    mesh.join('one')
    const error = await rejection(mesh.call('find'))
    expect(error).toMatchObject({
      name: 'Timeout', code: 408, data: { path: 'todos', method: 'find', node: 'one', outcome: 'unknown' }
    })
    expect(error.message).toBe('todos.find(): no reply from node one within 20 ms')
    expect(mesh.transport.forgotten).toEqual([['one', 1]])
  })

  it('is that of the call, or else that of the method, or else that of the node', async () => {
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

  it('leaves no timer that keeps the process alive when the call ends earlier', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    const made = jest.spyOn(global, 'setTimeout')
    const call = mesh.call('find')
    mesh.last.reply(1)
    await call
    // A timer that is kept for the next call holds nothing, as one that was cleared.
    expect(made.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false])
    made.mockRestore()
  })
})

describe('a call with a signal', () => {
  it('rejects with the reason of the signal, and cancels its request, when the signal aborts', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const controller = new AbortController()
    const call = mesh.call('find', [], { signal: controller.signal })
    const reason = new Error('changed my mind')
    controller.abort(reason)
    expect(await rejection(call)).toBe(reason)
    expect(mesh.transport.forgotten).toEqual([['one', 1]])
  })

  it('rejects when the signal aborts while it waits for a host', async () => {
    const mesh = new ScriptedMesh()
    const controller = new AbortController()
    const call = mesh.call('find', [], { signal: controller.signal })
    controller.abort()
    expect(await rejection(call)).toMatchObject({ name: 'AbortError' })
    mesh.join('one')
    expect(mesh.asked).toEqual([])
  })

  it('is not sent when the signal has already aborted', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    expect(
      await rejection(mesh.call('find', [], { signal: AbortSignal.abort() }))
    ).toMatchObject({ name: 'AbortError' })
    expect(mesh.asked).toEqual([])
  })

  it('removes its listener from the signal when it ends', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const { signal } = new AbortController()
    const call = mesh.call('find', [], { signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    mesh.last.reply(1)
    await call
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('a call that can be retried', () => {
  /** Lets each attempt fail until no further one is made, and gives how many there were. */
  async function attempts (mesh: ScriptedMesh, call: Promise<unknown>): Promise<number> {
    let over = false
    const end = call.catch(() => {}).finally(() => { over = true })
    for (let n = 0; !over; n++) {
      await until('another attempt, or the end', () => over || mesh.asked.length > n)
      if (!over) mesh.last.fail('not-sent')
      await Promise.resolve()
    }
    await end
    return mesh.asked.length
  }

  it.each([[0], [1], [2], [7]])('is retried at most %i times', async retries => {
    for (const replicas of [['one'], ['one', 'two', 'three']]) {
      const mesh = new ScriptedMesh({ retries })
      for (const id of replicas) mesh.join(id)
      expect(await attempts(mesh, mesh.call('create'))).toBe(retries + 1)
    }
  })

  it('is retried as often as its own options allow', async () => {
    const mesh = new ScriptedMesh({ retries: 5 })
    mesh.join('one')
    expect(await attempts(mesh, mesh.call('find', [], { retries: 2 }))).toBe(3)
  })

  it('rejects with the number of attempts and the reason of the last failure', async () => {
    const mesh = new ScriptedMesh({ retries: 1 })
    mesh.join('one')
    mesh.join('two')
    const call = mesh.call('create')
    mesh.last.fail('not-sent')
    const { node } = mesh.last
    mesh.last.fail('not-sent', 'it is leaving')
    const error = await rejection(call)
    const data = { path: 'todos', method: 'create', node, outcome: 'not-sent' }
    expect(error).toMatchObject({ name: 'Unavailable', data })
    expect(error.message).toBe('todos.create(): given up after 2 attempts; it is leaving')

    const once = mesh.call('create', [], { retries: 0 })
    mesh.last.fail('not-sent', 'it is leaving')
    expect((await rejection(once)).message).toBe('todos.create(): given up after one attempt; it is leaving')
  })

  it.each([
    ['3f6c2f0e-9c1b', '$& $` $$', 'node 3f6c2f0e-9c1b has left', 'node $& $` $$ (3f6c2f0e-9c1b) has left'],
    ['has', 'odd', 'node one has left', 'node one has left'],
    ['', 'odd', 'node one has left', 'node one has left']
  ])('names the node in the reason, whatever the peer %j is called', async (id, name, reason, expected) => {
    const mesh = new ScriptedMesh({ retries: 0 })
    mesh.registry.join({ id, name, key: 'default', contracts: [todos()] })
    const call = mesh.call('create')
    mesh.last.fail('not-sent', reason)
    expect((await rejection(call)).message).toBe(`todos.create(): given up after one attempt; ${expected}`)
  })

  it('has an unknown outcome when any of its attempts may have run', async () => {
    const mesh = new ScriptedMesh({ retries: 1 })
    mesh.join('one')
    mesh.join('two')
    const call = mesh.call('find')
    mesh.last.fail('unknown')
    mesh.last.fail('not-sent')
    expect(await rejection(call)).toMatchObject({ data: { outcome: 'unknown' } })
  })

  it('pauses before it tries all replicas again, longer each time', async () => {
    const pauses = jest.spyOn(global, 'setTimeout')
    const mesh = new ScriptedMesh({ retries: 5, retryDelay: 4 })
    mesh.join('one')
    mesh.join('two')
    pauses.mockClear()
    expect(await attempts(mesh, mesh.call('find', [], { timeout: 60_000 }))).toBe(6)
    const lengths = pauses.mock.calls.map(([, length]) => length as number).filter(length => length < 60_000)
    pauses.mockRestore()
    const first = lengths.find(length => length >= 2 && length <= 4)
    const second = lengths.find(length => length >= 4 && length <= 8 && length !== first)
    expect([first, second]).not.toContain(undefined)
    // Both replicas were asked in each round, before the pause.
    for (const round of [0, 2, 4]) expect([...mesh.asked.slice(round, round + 2)].sort()).toEqual(['one', 'two'])
  })

  it('ends its pause when another replica joins', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000 })
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('unknown')
    expect(mesh.asked).toEqual(['one'])
    mesh.join('two')
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })

  it('never pauses longer than a timer allows', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => { warnings.push(warning) }
    process.on('warning', onWarning)
    const mesh = new ScriptedMesh({ retryDelay: 2 ** 31 - 1, timeout: 20 })
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('unknown')
    mesh.registry.join({ id: 'one', key: 'default', contracts: [todos(['find'])] })
    mesh.last.fail('unknown')
    expect(await rejection(call)).toMatchObject({ name: 'Unavailable', data: { outcome: 'unknown' } })
    process.off('warning', onWarning)
    expect(mesh.asked).toHaveLength(2)
    expect(warnings).toEqual([])
  })
})

describe('the attemptTimeout option', () => {
  it.each([['find'], ['complete']])('sends an idempotent call elsewhere when it passes, like %s', async method => {
    const mesh = new ScriptedMesh({ attemptTimeout: 5, retries: 1 })
    mesh.join('one', todos(['find', 'complete!']))
    mesh.join('two', todos(['find', 'complete!']))
    const call = mesh.call(method)
    const first = mesh.last.node
    await until('the second attempt', () => mesh.asked.length === 2)
    expect(mesh.last.node).not.toBe(first)
    expect(mesh.transport.forgotten).toEqual([[first, 1]])
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })

  it('does not apply to calls that are not idempotent', async () => {
    const mesh = new ScriptedMesh({ attemptTimeout: 1, timeout: 30 })
    mesh.join('one')
    mesh.join('two')
    const error = await rejection(mesh.call('create'))
    expect(error).toMatchObject({ name: 'Timeout', data: { outcome: 'unknown' } })
    expect(mesh.asked).toHaveLength(1)
  })

  it('does not shorten the last attempt', async () => {
    const mesh = new ScriptedMesh({ attemptTimeout: 1, retries: 1, timeout: 30 })
    mesh.join('one')
    mesh.join('two')
    const error = await rejection(mesh.call('find'))
    expect(error).toMatchObject({ name: 'Timeout', data: { node: mesh.last.node, outcome: 'unknown' } })
    expect(mesh.transport.forgotten.map(([node]) => node).sort()).toEqual(['one', 'two'])
  })

  it('leaves the outcome unknown when it passes at the only replica', async () => {
    const mesh = new ScriptedMesh({ attemptTimeout: 1, retryDelay: 10_000, timeout: 30 })
    mesh.join('one')
    const error = await rejection(mesh.call('find'))
    expect(error).toMatchObject({ name: 'Unavailable', data: { outcome: 'unknown' } })
    expect(error.message).toBe('todos.find(): no node took it within 30 ms; node one: no reply within 1 ms')
  })

  it('counts each timeout against the replica', async () => {
    const mesh = new ScriptedMesh({ attemptTimeout: 1, retries: 1 })
    mesh.join('hangs')
    mesh.join('well')
    // Later ones may be probes of the replica that is set aside by then.
    const finds = (): SentRequest[] => mesh.transport.sent.filter(({ request }) => request.method === 'find')
    for (let n = 1; n <= 3; n++) {
      const call = mesh.call('find', [], { affinity: 'customer-1' })
      await until('the second attempt', () => finds().length === 2 * n)
      finds().at(-1)?.reply(n)
      await call
    }
    const [first] = mesh.asked
    for (let n = 0; n < 4; n++) {
      void mesh.call('create')
      expect(mesh.last.node).not.toBe(first)
    }
  })
})

describe('the deadline of a call', () => {
  it('travels with the request and is the same for each attempt', async () => {
    const mesh = new ScriptedMesh({ timeout: 1_000 })
    mesh.join('one')
    mesh.join('two')
    const before = meshNow()
    void mesh.call('find')
    const after = meshNow()
    mesh.last.fail('unknown')
    const [first, second] = mesh.transport.sent.map(({ request }) => request.deadline)
    expect(first).toBe(second)
    expect(first).toBeGreaterThanOrEqual(before + 1_000)
    expect(first).toBeLessThanOrEqual(after + 1_000)
  })

  it('ignores the deadline and the signal in the params of the caller', () => {
    const mesh = new ScriptedMesh({ timeout: 1_000 })
    mesh.join('one')
    void mesh.call('find', [{ query: {}, deadline: 5, signal: AbortSignal.abort() }])
    expect(mesh.last.request.params).toEqual({ query: {} })
    expect(mesh.last.request.deadline).toBeGreaterThan(Date.now())
  })
})

describe('a call made while another call is served', () => {
  const scope = (deadline: number, signal = new AbortController().signal): CallScope => (
    { deadline, signal, ended: false }
  )

  it('has the remaining time of that call, unless its own timeout is shorter', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    const deadline = Date.now() + 1_000
    mesh.remotes.scopes.run(scope(deadline), () => { void mesh.call('find') })
    expect(mesh.last.request.deadline).toBe(deadline)
    mesh.remotes.scopes.run(scope(deadline), () => { void mesh.call('find', [], { timeout: 10 }) })
    expect(mesh.last.request.deadline).toBeLessThan(deadline)
  })

  it('inherits the deadline across every await in between', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    const deadline = Date.now() + 1_000
    const outer = scope(deadline)
    await mesh.remotes.scopes.run(outer, async () => {
      await nextTurn()
      void mesh.call('find')
    })
    expect(mesh.last.request.deadline).toBe(deadline)
    void mesh.call('find')
    expect(mesh.last.request.deadline).toBeGreaterThan(deadline)
  })

  it('times out with that call, in an error that states the remaining time it had', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    const error = await rejection(mesh.remotes.scopes.run(scope(Date.now() + 20), async () => await mesh.call('find')))
    expect(error).toMatchObject({ name: 'Timeout', data: { node: 'one', outcome: 'unknown' } })
    const [, time] = /^todos\.find\(\): no reply from node one within (\d+) ms$/.exec(error.message) ?? []
    expect(Number(time)).toBeLessThanOrEqual(20)
  })

  it('is not sent when that call has timed out', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    const error = await rejection(mesh.remotes.scopes.run(scope(Date.now() - 1), async () => await mesh.call('find')))
    expect(error).toMatchObject({ name: 'Timeout', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(mesh.asked).toEqual([])
  })

  it('is canceled with that call, or by its own signal', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const [outer, own] = [new AbortController(), new AbortController()]
    const call = (signal?: AbortSignal): Promise<unknown> =>
      mesh.remotes.scopes.run(scope(Infinity, outer.signal), async () => await mesh.call('find', [], { signal }))
    const [first, second, third] = [rejection(call()), rejection(call(own.signal)), rejection(call(own.signal))]
    own.abort(new Error('its own'))
    outer.abort(new Error("the other's"))
    expect((await Promise.all([first, second, third])).map(({ message }) => message))
      .toEqual(["the other's", 'its own', 'its own'])
    expect(mesh.transport.forgotten.map(([, id]) => id).sort()).toEqual([1, 2, 3])
  })
})

describe('a call to a named node', () => {
  it('asks only that node', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'two', 'three']) mesh.join(id)
    for (let n = 0; n < 5; n++) void mesh.call('find', [], { node: 'two' })
    expect(mesh.asked).toEqual(Array(5).fill('two'))
  })

  it('goes to no other node when that node fails, even if it is idempotent', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('two')
    const call = mesh.call('find', [], { node: 'two', retries: 0 })
    mesh.last.fail('unknown', 'lost')
    const error = await rejection(call)
    expect(error).toMatchObject({ name: 'Unavailable', data: { node: 'two', outcome: 'unknown' } })
    expect(mesh.asked).toEqual(['two'])
  })

  it('waits for that node, and names the actual hosts when it times out', async () => {
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
    const runLocally = jest.fn(async () => 'local')
    const mesh = new ScriptedMesh({ runLocally })
    mesh.registry.offer(todos())
    mesh.join('one')
    expect(await mesh.call('create', [{ a: 1 }])).toBe('local')
    expect(runLocally).toHaveBeenCalledWith('todos', 'create', [{ a: 1 }])
    expect(mesh.asked).toEqual([])
  })

  it('is called on another node when the call names that node', () => {
    const mesh = new ScriptedMesh()
    mesh.registry.offer(todos())
    mesh.join('one')
    void mesh.call('find', [], { node: 'one' })
    expect(mesh.asked).toEqual(['one'])
  })

  it('refuses a method that it does not offer', async () => {
    const mesh = new ScriptedMesh()
    mesh.registry.offer(todos(['find']))
    expect(await rejection(mesh.call('wipe'))).toMatchObject({ name: 'MethodNotAllowed' })
  })
})
