import '@feathersjs/transport-commons'
import { feathers, type Application } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { channels } from '@feathersjs/transport-commons'
import type { DistributedModule } from 'feathers-mesh'
import { createTestMesh } from 'feathers-mesh/testing'
import { memoryMesh } from '../../memory-mesh'
import { TodoService } from '../../todo-service'
import { until } from '../../until'

const mesh = memoryMesh()

type Heard = [event: string, payload: unknown, context: Record<string, unknown>]

/** A host, and a consumer with the events that its remote receives. */
async function listening (): Promise<{ host: DistributedModule, consumer: DistributedModule, heard: Heard[] }> {
  const host = await mesh.start({ services: [TodoService] })
  const consumer = await mesh.start({ remotes: [TodoService] })
  const heard: Heard[] = []
  const todos = consumer.remote(TodoService)
  todos.on('created', (todo, context) => { heard.push(['created', todo, { ...context }]) })
  todos.on('completed', (todo, context) => { heard.push(['completed', todo, { ...context }]) })
  return { host, consumer, heard }
}

describe('a remote', () => {
  it('receives a standard event once, with its payload and the hook context as plain data', async () => {
    const { consumer, heard } = await listening()
    await consumer.remote(TodoService).create({ title: 'one' }, { query: { by: 'ann' } })
    await until(() => heard.length > 0)
    expect(heard).toEqual([['created', { id: 1, title: 'one', done: false }, expect.objectContaining({
      path: 'todos', event: 'created', method: 'create', data: { title: 'one' }, params: {
        query: { by: 'ann' }, fromRemote: true
      }
    })]])
  })

  it('receives only query and user of the params of a call, and never credentials', async () => {
    const { host, consumer, heard } = await listening()
    const secret = { token: 'PLANTED' }
    const rights = {
      provider: 'rest', authentication: secret, headers: { authorization: 'PLANTED' }, connection: secret,
      payload: secret, route: secret, session: secret, user: { id: 7 }
    }
    await host.app.service('todos').create({ title: 'one' }, { query: { by: 'ann' }, ...rights })
    await consumer.remote(TodoService).create({ title: 'two' }, { query: { by: 'bob' }, ...rights })
    await until(() => heard.length > 1)
    expect(heard.map(([,, { params }]) => params)).toEqual([
      { query: { by: 'ann' }, user: { id: 7 } }, { query: { by: 'bob' }, user: { id: 7 }, fromRemote: true }
    ])
    expect(JSON.stringify(heard)).not.toContain('PLANTED')
    // Nor does it leave the host, whatever a transport would make of it.
    const transport = mesh.transport()
    const publish = jest.spyOn(transport, 'publish')
    const sender = await mesh.start({ services: [TodoService], transport })
    await sender.app.service('todos').create({ title: 'three' }, { query: { by: 'cid' }, ...rights })
    const [[message]] = publish.mock.calls
    expect(message).toMatchObject({ event: 'created', args: [{ title: 'three' }] })
    expect(JSON.stringify(message)).not.toContain('PLANTED')
  })

  it('receives a custom event once, with path and name in its context', async () => {
    const { host, heard } = await listening()
    await host.remote(TodoService).create({ title: 'one' })
    await host.remote(TodoService).complete({ id: 1 })
    await until(() => heard.length > 1)
    expect(heard[1]).toEqual(['completed', { id: 1, title: 'one', done: true }, expect.objectContaining({
      path: 'todos', event: 'completed', params: {}
    })])
  })

  it.each<[string, unknown]>([
    ['an array', [1, 2]], ['a string', 'text'], ['a number', 7], ['null', null], ['an empty object', {}],
    ['an object with fields that messages have too', { path: 'x', key: 'y', event: 'z', args: [1], app: 'w' }]
  ])('receives %s exactly as the service emitted it', async (_what, payload) => {
    const { host, heard } = await listening()
    host.app.service('todos').emit('created', payload)
    await until(() => heard.length > 0)
    expect(heard).toEqual([['created', payload, expect.objectContaining({ path: 'todos', event: 'created' })]])
  })

  it('receives all arguments of an event, of any type', async () => {
    const { host, consumer } = await listening()
    const heard: unknown[][] = []
    consumer.remote(TodoService).on('completed', (...args: unknown[]) => { heard.push(args) })
    const from = { path: 'x', context: 'y' }
    host.app.service('todos').emit('completed', from, [new Date(0)], null)
    await until(() => heard.length > 0)
    expect(heard).toEqual([[from, [new Date(0)], null, expect.objectContaining({ path: 'todos', event: 'completed' })]])
  })

  it('receives events without unsendable context fields, but no event with an unsendable payload', async () => {
    const { host, heard } = await listening()
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { app } = host
    const params = { transaction: { commit: () => {} }, query: { n: 1n, map: () => {} }, resolve: app }
    const context = { app, path: 'todos', params, data: { commit: () => {} } }
    app.service('todos').emit('created', { retry: () => {} })
    app.service('todos').emit('created', 'the next', context)
    await until(() => heard.length > 0)
    const warned = warn.mock.calls.map(([warning]) => warning)
    warn.mockRestore()
    expect(heard).toEqual([['created', 'the next', expect.objectContaining({
      params: { query: { n: 1n } }, data: {}
    })]])
    expect(warned).toEqual(["the event 'created' of 'todos' can't be sent to other nodes: args[0].retry is a function"])
  })

  it('receives the events of a service in its own process', async () => {
    const host = await mesh.start({ services: [TodoService] })
    const heard: unknown[] = []
    host.remote(TodoService).on('completed', (todo, context) => heard.push(todo, context.path, context.event))
    await host.remote(TodoService).create({ title: 'one' })
    await host.remote(TodoService).complete({ id: 1 })
    expect(heard).toEqual([{ id: 1, title: 'one', done: true }, 'todos', 'completed'])
  })

  it('receives the events of every replica, including replicas that join later', async () => {
    const { host, heard } = await listening()
    const later = await mesh.start({ services: [TodoService] })
    host.app.service('todos').emit('created', 'first')
    later.app.service('todos').emit('created', 'second')
    await until(() => heard.length > 1)
    expect(heard.map(([, payload]) => payload).sort()).toEqual(['first', 'second'])
  })

  it('receives the events of a service that joins after the listener was registered', async () => {
    const consumer = await mesh.start()
    const heard: unknown[] = []
    consumer.remote(TodoService).on('created', todo => heard.push(todo))
    const host = await mesh.start({ services: [TodoService] })
    await host.remote(TodoService).create({ title: 'one' })
    await until(() => heard.length > 0)
    expect(heard).toEqual([{ id: 1, title: 'one', done: false }])
  })

  it('receives one event by once() and none after off()', async () => {
    const { host, consumer, heard } = await listening()
    const once: unknown[] = []
    const never: unknown[] = []
    const listener = (payload: unknown): void => { never.push(payload) }
    const todos = consumer.remote(TodoService)
    todos.once('created', payload => once.push(payload))
    todos.on('created', listener).off('created', listener)
    todos.once('created', listener).off('created', listener)
    const service = host.app.service('todos')
    service.emit('created', 1)
    service.emit('created', 2)
    await until(() => heard.length === 2)
    expect(once).toEqual([1])
    expect(never).toEqual([])
  })

  it('receives nothing from a service that its app has removed', async () => {
    const { host, consumer, heard } = await listening()
    const service = host.app.service('todos')
    await host.app.unuse('todos')
    service.emit('created', 'unused')
    host.app.use('todos', new MemoryService())
    await until(() => consumer.services().length === 1)
    host.app.service('todos').emit('created', 'used')
    await until(() => heard.length > 0)
    expect(heard.map(([, payload]) => payload)).toEqual(['used'])
  })
})

describe('two services with the same name and different keys', () => {
  it('keep their events apart when the caller gives them separate paths', async () => {
    await mesh.start({ services: [TodoService], key: 'a' })
    const consumer = await mesh.start({ remotes: ['a/todos'], remoteServicePath: ({ key, path }) => `${key}/${path}` })
    const heard: string[] = []
    consumer.remote<TodoService>('a/todos').on('created', ({ title }, { path }) => heard.push(`${path}: ${title}`))
    const other = await mesh.start({ services: [TodoService], key: 'b' })
    await until(() => consumer.services().length === 2)

    // The second one, whose name over there is the same, has no listener yet.
    await consumer.remote<TodoService>('a/todos').create({ title: 'one' })
    await until(() => heard.length === 1)
    const listener = ({ title }: { title: string }, { path }: { path: string }): void => { heard.push(`${path}: ${title}`) }
    consumer.remote<TodoService>('b/todos').on('created', listener)
    await consumer.remote<TodoService>('b/todos').create({ title: 'two' })
    await until(() => heard.length === 2)

    consumer.remote<TodoService>('b/todos').off('created', listener)
    await consumer.remote<TodoService>('a/todos').create({ title: 'three' })
    await until(() => heard.length === 3)
    await other.stop()
    await consumer.remote<TodoService>('a/todos').create({ title: 'four' })
    await until(() => heard.length === 4)
    expect(heard).toEqual(['a/todos: one', 'b/todos: two', 'a/todos: three', 'a/todos: four'])
  })
})

describe('the app of another node', () => {
  it('emits events with a hook context, including those emitted by hand', async () => {
    const { host, consumer } = await listening()
    const service = consumer.app.service('todos')
    const heard: Array<[payload: unknown, context: Record<string, unknown>]> = []
    service.on('created', (payload, context) => heard.push([payload, context]))
    await host.remote(TodoService).create({ title: 'one' })
    host.app.service('todos').emit('created', 'by hand')
    await until(() => heard.length > 1)

    const common = { app: consumer.app, service, path: 'todos', event: 'created' }
    expect(heard[0]?.[0]).toEqual({ id: 1, title: 'one', done: false })
    expect(heard[0]?.[1]).toMatchObject({
      method: 'create', result: { id: 1, title: 'one', done: false }, data: { title: 'one' }
    })
    expect(heard[1]?.[0]).toBe('by hand')
    expect(heard[1]?.[1]).toMatchObject({ method: null, params: {}, result: 'by hand' })
    for (const [, context] of heard) for (
      const [name, value] of Object.entries(common)
    ) expect(context[name]).toBe(value)
  })

  it('emits the custom events of decorated members with a hook context', async () => {
    const { host, consumer } = await listening()
    const contexts: unknown[] = []
    consumer.app.service('todos').on('completed', (_payload, context) => contexts.push(context))
    await host.remote(TodoService).create({ title: 'one' })
    await host.remote(TodoService).complete({ id: 1 })
    await until(() => contexts.length > 0)
    expect(contexts).toEqual([
      expect.objectContaining({ event: 'completed', method: null, result: { id: 1, title: 'one', done: true } })
    ])
  })

  it('notifies its listeners of gaps', async () => {
    const network = createTestMesh({ drainTimeout: 100 })
    const host = await network.node('host', { services: [TodoService] })
    const consumer = await network.node('consumer', { remotes: ['todos'] })
    const gaps: unknown[] = []
    consumer.app.service('todos').on('gap', gap => gaps.push(gap))
    network.partition([host], [consumer])
    network.heal()
    await until(() => gaps.length > 0)
    await network.stop()
    expect(gaps).toEqual([{ reason: 'disconnected' }])
  })

  it('publishes each event once, wherever the call came from', async () => {
    const app = feathers().configure(channels()) as Application & {
      channel (name: string): { join (connection: object): void }
      publish (publisher: () => unknown): void
    }
    app.channel('everybody').join({})
    app.publish(() => app.channel('everybody'))
    const published: unknown[][] = []
    app.on('publish', (event, _channel, context, payload) => published.push([event, context.path, payload]))

    const host = await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({ app, remotes: [TodoService] })
    await gateway.app.service('todos').create({ title: 'one' })
    await host.remote(TodoService).complete({ id: 1 })
    host.app.service('todos').emit('removed', 'by hand')
    await until(() => published.some(([event]) => event === 'removed'))
    expect(published).toEqual([
      ['created', 'todos', { id: 1, title: 'one', done: false }],
      ['completed', 'todos', { id: 1, title: 'one', done: true }],
      ['removed', 'todos', 'by hand']
    ])
  })
})

describe('listeners of the service of an app', () => {
  it('each hear an event of another node, and what one throws or rejects is a warning', async () => {
    const told: string[] = []
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(warning => { told.push(String(warning)) })
    const rejected: unknown[] = []
    const onRejected = (reason: unknown): void => { rejected.push(reason) }
    process.on('unhandledRejection', onRejected)
    const host = await mesh.start({ services: [TodoService] })
    const app = feathers()
    await mesh.start({ app, key: 'gateway', remotes: ['todos'] })
    const heard: string[] = []
    const service = app.service('todos')
    const rejecting: () => unknown = async () => {
      heard.push('async')
      throw new Error('rejects')
    }
    service.once('created', rejecting)
    service.on('created', () => {
      heard.push('sync')
      throw new Error('throws')
    })
    service.on('created', function (this: unknown) { heard.push(this === service ? 'last' : 'nobody') })
    host.app.service('todos').emit('created', null)
    host.app.service('todos').emit('created', null)
    await until(() => heard.filter(each => each === 'last').length === 2)
    await new Promise(resolve => { setImmediate(resolve) })
    process.off('unhandledRejection', onRejected)
    warn.mockRestore()
    expect([heard, rejected]).toEqual([['async', 'sync', 'last', 'sync', 'last'], []])
    for (const what of ['rejects', 'throws']) {
      expect(told).toContainEqual(expect.stringMatching(`a listener of 'created' of 'todos' threw .*${what}`))
    }
  })
})
