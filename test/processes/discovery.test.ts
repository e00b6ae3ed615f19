import type { NodeInfo, ServiceInfo } from '../../lib/module/distributed-module'
import { TestProcesses } from '../process'

describe('nodes in separate processes with default options', () => {
  const processes = new TestProcesses()

  it('find each other when the host starts first', async () => {
    const host = await processes.run('host')
    await host.ask('start')
    const consumer = await processes.run('consumer')
    await consumer.ask('start')
    expect(await consumer.ask('open')).toEqual(['Water the plants', 'A'])
  })

  it('find each other when the consumer starts first, and its start() waits for the service', async () => {
    const consumer = await processes.run('consumer')
    let started = false
    const starting = consumer.ask('start').then(() => { started = true })
    expect(await consumer.ask<NodeInfo[]>('nodes')).toHaveLength(1)
    expect(started).toBe(false)

    const host = await processes.run('host')
    await host.ask('start')
    await starting
    expect(await consumer.ask('open')).toEqual(['Water the plants', 'A'])
  })

  it("know each other's ids and offers", async () => {
    const [host, consumer] = await Promise.all([processes.run('host'), processes.run('consumer')])
    await Promise.all([host.ask('start'), consumer.ask('start')])
    const id = await host.ask<string>('id')

    expect(await consumer.ask<NodeInfo[]>('nodes')).toEqual([
      { id: expect.any(String), name: expect.any(String), key: 'default', services: [], local: true },
      { id, name: expect.any(String), key: 'default', services: ['todos'], local: false }
    ])
    expect(await consumer.ask<ServiceInfo[]>('services')).toEqual([{
      path: 'todos',
      key: 'default',
      methods: ['find', 'get', 'create', 'update', 'patch', 'remove', 'complete', 'wait', 'hold'],
      events: ['created', 'updated', 'patched', 'removed', 'completed'],
      nodes: [id],
      local: false
    }])
    await host.until('the host to know the consumer', async () => (await host.ask<NodeInfo[]>('nodes')).length === 2)
  })

  it('do not see nodes of another environment', async () => {
    const elsewhere = { COTE_ENV: 'elsewhere', REPLICA: 'B' }
    const [host, stranger] = await Promise.all([processes.run('host'), processes.run('host', elsewhere)])
    await Promise.all([host.ask('start'), stranger.ask('start')])
    const consumer = await processes.run('consumer')
    await consumer.ask('start')
    expect(await consumer.ask<NodeInfo[]>('nodes')).toHaveLength(2)
    expect(await consumer.ask('open')).toEqual(['Water the plants', 'A'])
  })

  it('receive errors as the other side threw them', async () => {
    const [host, consumer] = await Promise.all([processes.run('host'), processes.run('consumer')])
    await Promise.all([host.ask('start'), consumer.ask('start')])

    const missing = { name: 'NotFound', code: 404, className: 'not-found', message: 'There is no todo none' }
    expect(await consumer.try('call', { method: 'get', args: ['none'] })).toMatchObject({ error: missing })
    expect(await consumer.try('call', { method: 'create', args: [{ title: '' }] })).toEqual({
      error: expect.objectContaining({
        name: 'BadRequest',
        code: 400,
        errors: [{ path: 'title', constraints: { isLength: 'title must be longer than or equal to 1 characters' } }]
      })
    })
  })

  it('exit on their own after stop()', async () => {
    const [host, consumer] = await Promise.all([processes.run('host'), processes.run('consumer')])
    await Promise.all([host.ask('start'), consumer.ask('start')])
    await consumer.ask('open')
    expect(await host.stop()).toBe(0)
    await consumer.until('the host to be gone', async () => (await consumer.ask<NodeInfo[]>('nodes')).length === 1)
    expect(await consumer.stop()).toBe(0)
  })
})
