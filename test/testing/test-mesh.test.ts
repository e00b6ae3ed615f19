import { createTestMesh, type TestMesh } from 'feathers-mesh/testing'
import { TodoService } from '../todo-service'
import { rejection, until } from '../until'

let mesh: TestMesh

beforeEach(() => { mesh = createTestMesh({ timeout: 5_000, drainTimeout: 1_000 }) })
afterEach(async () => await mesh.stop())

const title = 'Buy milk'

async function twoHosts (): Promise<ReturnType<typeof consumerOf>> {
  await mesh.node('a', { services: [TodoService] })
  await mesh.node('b', { services: [TodoService] })
  return await consumerOf()
}

const consumerOf = async () => await mesh.node('consumer', { remotes: ['todos'] })

describe('a test mesh', () => {
  it('has nodes that know and call each other', async () => {
    const consumer = await twoHosts()
    expect(consumer.nodes()).toHaveLength(3)
    expect(await consumer.remote<TodoService>('todos').create({ title })).toMatchObject({ title })
    expect(consumer.services()[0].nodes).toEqual([mesh.idOf('a'), mesh.idOf('b')])
  })

  it('has one node for each name and throws for unknown names', async () => {
    await mesh.node('a')
    await expect(mesh.node('a')).rejects.toThrow("there is a node 'a' already")
    expect(() => mesh.idOf('b')).toThrow("there is no node 'b'")
  })

  it('may be stopped twice and used again', async () => {
    await mesh.node('a')
    await mesh.stop()
    await mesh.stop()
    await mesh.node('a')
  })
})

describe('a killed node', () => {
  it('leaves immediately, without a goodbye', async () => {
    const consumer = await twoHosts()
    await mesh.kill('a')
    expect(consumer.services()[0].nodes).toEqual([mesh.idOf('b')])
    for (let n = 0; n < 4; n++) await consumer.remote<TodoService>('todos').find()
  })

  it('has run the call that it held, which fails with an unknown outcome when it is not idempotent', async () => {
    const host = await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    const call = rejection(consumer.remote<TodoService>('todos').create({ title }))
    await mesh.kill(host, { during: 'request' })
    expect(await call).toMatchObject({ name: 'Unavailable', data: { node: mesh.idOf(host), outcome: 'unknown' } })
    await until(() => host.resolve(TodoService).todos.length === 1)
  })

  it.each(['request', 'reply'] as const)('loses no idempotent call when it is killed during a %s', async during => {
    const consumer = await twoHosts()
    const killed = mesh.kill('a', { during })
    const calls = Array.from({ length: 10 }, async () => await consumer.remote<TodoService>('todos').find())
    await killed
    expect(await Promise.all(calls)).toEqual(Array(10).fill([]))
    expect(consumer.services()[0].nodes).toEqual([mesh.idOf('b')])
  })

  it('fails its own calls', async () => {
    await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    mesh.delay({ kind: 'reply' })
    const call = rejection(consumer.remote<TodoService>('todos').create({ title }))
    await mesh.kill(consumer)
    expect(await call).toMatchObject({ name: 'Unavailable', data: { outcome: 'unknown' } })
    expect(consumer.nodes()).toHaveLength(1)
  })
})

describe('a partitioned mesh', () => {
  it('has two sides that know only their own nodes until it heals', async () => {
    const consumer = await twoHosts()
    mesh.partition(['a'], ['b', consumer])
    expect(consumer.services()[0].nodes).toEqual([mesh.idOf('b')])
    mesh.partition(['b'], [consumer])
    expect(consumer.services()).toEqual([])
    const waiting = consumer.remote<TodoService>('todos').create({ title })
    mesh.heal()
    expect(await waiting).toMatchObject({ title })
    expect(consumer.nodes()).toHaveLength(3)
    expect(new Set(consumer.nodes().map(({ id }) => id)).size).toBe(3)
  })

  it('fails the calls across the partition, and the other side cancels them', async () => {
    await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    const delayed = mesh.delay({ kind: 'reply' })
    const call = rejection(consumer.remote<TodoService>('todos').create({ title }))
    await until('the reply on its way', () => delayed.held === 1)
    mesh.partition(['host'], ['consumer'])
    expect(await call).toMatchObject({ data: { outcome: 'unknown' } })
  })

  it('sends listeners a gap when it heals, and then each event once', async () => {
    const host = await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    const todos = consumer.remote<TodoService>('todos')
    const heard: unknown[] = []
    todos.on('created', todo => heard.push(todo.title)).on('gap', gap => heard.push(gap))
    mesh.partition([host], [consumer])
    await host.app.service('todos').create({ title: 'missed' })
    mesh.heal()
    await todos.create({ title })
    await until('the event', () => heard.includes(title))
    expect(heard).toEqual([{ reason: 'disconnected' }, title])
  })
})

describe('intercepted messages', () => {
  it('arrive in order when they were delayed and are released', async () => {
    const host = await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    const delayed = mesh.delay({ to: host, kind: 'request' })
    const calls = ['one', 'two'].map(async each => await consumer.remote<TodoService>('todos').create({ title: each }))
    await until('both requests', () => delayed.held === 2)
    expect(host.resolve(TodoService).todos).toEqual([])
    delayed.release()
    expect(await Promise.all(calls)).toMatchObject([{ id: 1, title: 'one' }, { id: 2, title: 'two' }])
    await consumer.remote<TodoService>('todos').find()
  })

  it('are dropped and counted when they are replies released after the timeout of their calls', async () => {
    await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    const todos = consumer.remote<TodoService>('todos')
    const delayed = mesh.delay({ kind: 'reply' })
    const call = todos.with({ timeout: 1_000 }).create({ title })
    await until('the reply on its way', () => delayed.held === 1)
    expect(await rejection(call)).toMatchObject({ name: 'Timeout' })
    expect(consumer.counters().lateReply).toBe(0)
    delayed.release()
    await until(() => consumer.counters().lateReply === 1)
    expect(await todos.find()).toHaveLength(1)
    expect(consumer.counters().lateReply).toBe(1)
  })

  it('never arrive when they are dropped, so that the call times out', async () => {
    const host = await mesh.node('host', { services: [TodoService] })
    const consumer = await consumerOf()
    mesh.drop({ from: host, to: consumer, kind: 'reply', times: 1 })
    const todos = consumer.remote<TodoService>('todos').with({ timeout: 1_000 })
    expect(await rejection(todos.create({ title }))).toMatchObject({ name: 'Timeout' })
    expect(await todos.with({ timeout: 5_000 }).find()).toHaveLength(1)
  })

  it('send an idempotent call elsewhere after attemptTimeout when they are dropped', async () => {
    const consumer = await twoHosts()
    mesh.drop({ to: 'a' })
    const todos = consumer.remote<TodoService>('todos').with({ attemptTimeout: 20 })
    for (let n = 0; n < 4; n++) expect(await todos.find()).toEqual([])
    mesh.heal()
    expect(await consumer.remote<TodoService>('todos').with({ node: mesh.idOf('a') }).find()).toEqual([])
  })
})
