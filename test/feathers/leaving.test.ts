import { setImmediate as nextTurn } from 'node:timers/promises'
import { createTestMesh, type TestMesh } from 'feathers-mesh/testing'
import { TodoService } from '../todo-service'
import { rejection, until } from '../until'

let mesh: TestMesh

// A call that is left to wait would end by its time, with another error.
beforeEach(() => { mesh = createTestMesh({ timeout: 8_000, drainTimeout: 20, retryDelay: 8_000 }) })
afterEach(async () => await mesh.stop())

describe('a node that stops', () => {
  it('rejects the calls that wait for a host at once', async () => {
    const consumer = await mesh.node('consumer')
    const call = rejection(consumer.remote<TodoService>('todos').find())
    await nextTurn()
    await consumer.stop()
    expect(await call).toMatchObject({
      name: 'Unavailable', message: 'todos.find(): this node has left the mesh', data: { outcome: 'not-sent' }
    })
  })

  it.each(['find', 'create'] as const)('rejects calls of %s that got no reply within drainTimeout', async method => {
    await mesh.node('host', { services: [TodoService] })
    const consumer = await mesh.node('consumer', { remotes: ['todos'] })
    const held = mesh.delay({ kind: 'reply' })
    const todos = consumer.remote<TodoService>('todos')
    const call = rejection(method === 'find' ? todos.find() : todos.create({ title: 'Buy milk' }))
    await until('the reply on its way', () => held.held === 1)
    await consumer.stop()
    expect(await call).toMatchObject({ name: 'Unavailable', data: { outcome: 'unknown' } })
  })

  it('finishes the calls that it serves and accepts no more', async () => {
    const host = await mesh.node('host', { services: [TodoService], drainTimeout: 5_000 })
    const consumer = await mesh.node('consumer', { remotes: ['todos'] })
    const todos = consumer.remote<TodoService>('todos')
    const held = mesh.delay({ kind: 'reply', times: 1 })
    const served = todos.create({ title: 'Buy milk' })
    await until('the reply on its way', () => held.held === 1)
    const stopped = host.stop()
    await nextTurn()
    const late = rejection(todos.with({ waitForService: false }).create({ title: 'Too late' }))
    expect(await late).toMatchObject({ name: 'Unavailable', data: { outcome: 'not-sent' } })
    held.release()
    expect(await served).toMatchObject({ title: 'Buy milk' })
    await stopped
    expect(host.resolve(TodoService).todos).toHaveLength(1)
  })
})
