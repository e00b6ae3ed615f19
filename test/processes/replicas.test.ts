import type { NodeInfo } from '../../lib/module/distributed-module'
import type { TestProcess } from '../process'
import { TestProcesses } from '../process'
import type { LoadReport } from './load'
import type { Todo } from './todo-service'

describe('two replicas and a consumer in separate processes', () => {
  const processes = new TestProcesses()
  const allMethods = ['find', 'get', 'create', 'update', 'patch', 'remove', 'complete', 'wait']
  let a: TestProcess
  let b: TestProcess
  let consumer: TestProcess

  async function startReplica (name: string): Promise<TestProcess> {
    const replica = await processes.run('host', { REPLICA: name })
    await replica.ask('start')
    return replica
  }

  beforeEach(async () => {
    [a, b] = await Promise.all([startReplica('A'), startReplica('B')])
    consumer = await processes.run('consumer')
    await consumer.ask('start')
    await nodesToBe(await Promise.all([a, b].map(replica => replica.ask<string>('id'))))
  })

  /** A node is on the mesh before its app is set up, and hosts nothing until then. */
  async function nodesToBe (ids: string[]): Promise<void> {
    await consumer.until(`exactly these nodes: ${ids.join(', ')}`, async () => {
      const nodes = await consumer.ask<NodeInfo[]>('nodes')
      const others = nodes.filter(({ local, services }) => !local && services.includes('todos')).map(({ id }) => id)
      return nodes.length === 1 + ids.length && [...others].sort().join() === [...ids].sort().join()
    })
  }

  /** Waits until each of these replicas has answered this number of further calls of the load. */
  async function answers (names: string[], more = 50): Promise<void> {
    const before = await consumer.ask<LoadReport>('load')
    await consumer.until(`${more} more answers from ${names.join(' and ')}`, async () => {
      const now = await consumer.ask<LoadReport>('load')
      return names.every(name => (now.answers[name] ?? 0) - (before.answers[name] ?? 0) >= more)
    })
  }

  it('share the calls', async () => {
    const outcomes = await consumer.ask<Array<{ value: Todo[] }>>('calls', { method: 'find', times: 20 })
    const replicas = outcomes.map(({ value: [todo] }) => todo.replica)
    expect(replicas.filter(replica => replica === 'A')).toHaveLength(10)
    expect(replicas.filter(replica => replica === 'B')).toHaveLength(10)
  })

  it('lose no call and run none twice when one replica is stopped under load', async () => {
    await consumer.ask('startLoad', allMethods)
    await answers(['A', 'B'])
    const idOfB = await b.ask<string>('id')

    expect(await a.stop()).toBe(0)
    await answers(['B'])
    const { calls, failures } = await consumer.ask<LoadReport>('stopLoad')

    expect(failures).toEqual([])
    const [onA] = a.told<Record<string, number>>('stopped')
    const onB = await b.ask<Record<string, number>>('runs')
    const runs = allMethods.map(method => [method, (onA[method] ?? 0) + (onB[method] ?? 0)])
    expect(Object.fromEntries(runs)).toEqual(calls)
    await nodesToBe([idOfB])
  })

  it('lose no call when both replicas are restarted in turn under load', async () => {
    await consumer.ask('startLoad', allMethods)
    await answers(['A', 'B'])

    expect(await a.stop()).toBe(0)
    const secondA = await startReplica('A')
    await answers(['A', 'B'])
    expect(await b.stop()).toBe(0)
    const secondB = await startReplica('B')
    await answers(['A', 'B'])

    const { failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    await nodesToBe(await Promise.all([secondA, secondB].map(replica => replica.ask<string>('id'))))
  })

  it('fail no idempotent call when a replica is killed under load', async () => {
    await consumer.ask('startLoad', ['find', 'get', 'wait'])
    await answers(['A', 'B'])
    const idOfB = await b.ask<string>('id')

    await a.kill()
    await answers(['B'])
    const { failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    await nodesToBe([idOfB])
  })

  it('send an idempotent call to the other replica when the one that holds it is killed', async () => {
    await a.ask('block')
    const calls = consumer.ask<Array<{ value: Todo }>>('calls', { method: 'wait', args: [{}], times: 10 })
    await a.hears('holding', 5)
    await a.kill()
    const outcomes = await calls
    expect(outcomes.map(({ value }) => value.replica)).toEqual(Array.from({ length: 10 }, () => 'B'))
  })

  it('fail other calls with Unavailable when the replica that holds them is killed, and rerun none', async () => {
    const node = await a.ask<string>('id')
    const held = { method: 'hold', args: [{}], times: 10 }
    const calls = consumer.ask<Array<{ error: { data: { node: string } } }>>('calls', held)
    await Promise.all([a.hears('holding', 5), b.hears('holding', 5)])
    await a.kill()
    // Those that B has never end, so it is ended as well when the calls of A are over.
    const idOfB = await b.ask<string>('id')
    await nodesToBe([idOfB])
    expect(b.told('holding')).toHaveLength(5)
    await b.kill()

    const outcomes = await calls
    const lost = outcomes.filter(({ error }) => error.data.node === node)
    expect(lost).toEqual(Array.from({ length: 5 }, () => ({
      error: expect.objectContaining({
        name: 'Unavailable',
        code: 503,
        message: expect.stringMatching(/^todos\.hold\(\): .*it is not known whether it ran/),
        data: { code: 'MESH_CONNECTION_LOST', path: 'todos', method: 'hold', node, outcome: 'unknown' }
      })
    })))
  })

  it('share the calls again after a killed replica has returned', async () => {
    await a.kill()
    await nodesToBe([await b.ask<string>('id')])
    const second = await startReplica('A')
    await nodesToBe(await Promise.all([second, b].map(replica => replica.ask<string>('id'))))

    const outcomes = await consumer.ask<Array<{ value: Todo[] }>>('calls', { method: 'find', times: 20 })
    expect(new Set(outcomes.map(({ value: [todo] }) => todo.replica))).toEqual(new Set(['A', 'B']))
  })

  it('keep calls waiting while both replicas are gone', async () => {
    await Promise.all([a.stop(), b.stop()])
    await nodesToBe([])
    const call = consumer.ask<Todo>('call', { method: 'create', args: [{ title: 'Buy milk' }] })
    const back = await startReplica('C')
    expect(await call).toMatchObject({ title: 'Buy milk', replica: 'C' })
    expect(await back.ask('runs')).toEqual({ create: 1 })
  })
})
