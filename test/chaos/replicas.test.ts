import type { TestProcess } from '../process'
import { answers, MeshProcesses, nodesToBe, twice, type LoadReport } from './mesh-processes'

jest.setTimeout(60_000)

const mesh = new MeshProcesses()
const ALL = ['find', 'get', 'create', 'update', 'patch', 'remove', 'read', 'write']

describe('a replica killed under 32 concurrent calls', () => {
  it('fails no idempotent call, even when replicas are killed six times', async () => {
    const [consumer, ...hosts] = await Promise.all([mesh.startConsumer(), mesh.startHost('A'), mesh.startHost('B')])
    let [a, b] = hosts
    await nodesToBe(consumer, [a, b])
    await consumer.ask('startLoad', { methods: ['find', 'get', 'read'], callers: 32 })
    for (let n = 0; n < 3; n++) {
      await answers(consumer, ['A', 'B'])
      await a.kill()
      await answers(consumer, ['B'])
      a = await mesh.startHost('A')
      await answers(consumer, ['A', 'B'])
      await b.kill()
      await answers(consumer, ['A'])
      b = await mesh.startHost('B')
    }
    const { failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    await nodesToBe(consumer, [a, b])
  })

  it('fails only the non-idempotent calls that it held, with an unknown outcome, and no call runs twice', async () => {
    const [b, consumer, first] = await Promise.all([mesh.startHost('B'), mesh.startConsumer(), mesh.startHost('A')])
    let a = first
    await nodesToBe(consumer, [a, b])
    for (let n = 0; n < 3; n++) {
      const before = mesh.runs.length
      await consumer.ask('startLoad', { methods: ['create', 'write'], callers: 32 })
      await answers(consumer, ['A', 'B'])
      const node = await a.ask<string>('id')
      await a.kill()
      await answers(consumer, ['B'])
      const { answered, failures } = await consumer.ask<LoadReport>('stopLoad')

      const lost = { name: 'Unavailable', data: expect.objectContaining({ node, outcome: 'unknown' }) }
      for (const { error } of failures) expect(error).toMatchObject(lost)
      expect(failures.length).toBeLessThanOrEqual(32)
      const runs = mesh.runs.slice(before)
      expect(twice(runs)).toEqual([])
      const ran = new Set(runs.map(({ id }) => id))
      expect(Object.keys(answered).filter(id => !ran.has(id))).toEqual([])
      a = await mesh.startHost('A')
      await nodesToBe(consumer, [a, b])
    }
  })
})

describe('four replicas restarted one after the other', () => {
  it('answer every call of every method and run none twice', async () => {
    const names = ['A', 'B', 'C', 'D']
    const hosts = await Promise.all(names.map(async name => await mesh.startHost(name)))
    const consumer = await mesh.startConsumer()
    await nodesToBe(consumer, hosts)
    await consumer.ask('startLoad', { methods: ALL, callers: 32 })
    for (const [n, name] of names.entries()) {
      await answers(consumer, names, { more: 20 })
      expect(await hosts[n].stop()).toBe(0)
      hosts[n] = await mesh.startHost(name)
    }
    await answers(consumer, names, { more: 20 })
    const { answered, failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    expect(twice(mesh.runs)).toEqual([])
    expect(mesh.runs).toHaveLength(Object.keys(answered).length)
    await nodesToBe(consumer, hosts)
  })
})

describe('a hung replica', () => {
  let a: TestProcess

  // A stopped process ends by SIGKILL alone, which is how all are ended; but one that goes on ends well.
  afterEach(() => a.signal('SIGCONT'))

  it('fails only the calls that it held or that suspend it, rejoins, and runs no call late', async () => {
    const callers = 8
    const suspendAfter = 3
    const [first, b, consumer] = await Promise.all([
      mesh.startHost('A'), mesh.startHost('B'),
      mesh.startConsumer({ timeout: 1_000, suspendAfter, probeInterval: 100 })
    ])
    a = first
    await nodesToBe(consumer, [a, b])
    await consumer.ask('startLoad', { methods: ['read', 'write'], callers })
    await answers(consumer, ['A', 'B'])
    const node = await a.ask<string>('id')
    await a.ask('suspend')
    await consumer.until('a call that failed', async () => (await consumer.ask<string[]>('failed')).length > 0)
    await answers(consumer, ['B'], { more: 500 })
    // It hangs by now, so that this one is in its socket.
    const unread = await consumer.try('call', { id: 'unread', options: { node, timeout: 100 } })
    expect(unread).toMatchObject({ error: { name: 'Timeout', data: { node } } })
    const givenUp = new Set(['unread', ...await consumer.ask<string[]>('failed')])
    const runsBefore = mesh.runs.length
    await answers(consumer, ['B'])
    a.signal('SIGCONT')
    await answers(consumer, ['A', 'B'])
    const { failures } = await consumer.ask<LoadReport>('stopLoad')

    expect(failures.length).toBeLessThanOrEqual(callers + suspendAfter)
    for (const { error } of failures) expect(error).toMatchObject({ name: 'Timeout' })
    expect(mesh.runs.slice(runsBefore).filter(({ id }) => givenUp.has(id))).toEqual([])
    expect(twice(mesh.runs)).toEqual([])
  })
})

describe('connections that are cut while both sides live', () => {
  it('are opened again, and of their calls only non-idempotent ones fail', async () => {
    const [consumer, ...hosts] = await Promise.all([mesh.startConsumer(), mesh.startHost('A'), mesh.startHost('B')])
    await consumer.ask('watch')
    await nodesToBe(consumer, hosts)
    await consumer.ask('startLoad', { methods: ['read', 'write'], callers: 16 })
    for (let n = 0; n < 5; n++) {
      await answers(consumer, ['A', 'B'])
      expect(await consumer.ask('cut')).toBeGreaterThanOrEqual(2)
    }
    await answers(consumer, ['A', 'B'])
    const { failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(new Set(failures.map(({ method }) => method))).not.toContain('read')
    for (const { error } of failures) expect(error).toMatchObject({ data: { outcome: 'unknown' } })
    expect(twice(mesh.runs.filter(({ id }) => failures.some(failure => failure.id === id)))).toEqual([])

    // The listener receives a gap for what it may have missed, and then each event once.
    expect((await consumer.hears<object>('gap'))[0]).toEqual({ reason: 'disconnected' })
    await nodesToBe(consumer, hosts)
    for (const [n, host] of hosts.entries()) await host.ask('note', `note ${n}`)
    expect([...await consumer.hears<string>('noted', 2)].sort()).toEqual(['note 0', 'note 1'])
  })
})

describe('a service that one of two replicas repeatedly removes and adds', () => {
  it('loses no call while the other replica hosts it', async () => {
    const [a, b, consumer] = await Promise.all([mesh.startHost('A'), mesh.startHost('B'), mesh.startConsumer()])
    await nodesToBe(consumer, [a, b])
    await consumer.ask('startLoad', { methods: ['find', 'create'], callers: 16, path: 'plain' })
    for (let n = 0; n < 5; n++) {
      await answers(consumer, ['A', 'B'], { path: 'plain' })
      await a.ask('unuse')
      await answers(consumer, ['B'], { path: 'plain' })
      await a.ask('use')
    }
    await answers(consumer, ['A', 'B'], { path: 'plain' })
    expect((await consumer.ask<LoadReport>('stopLoad', 'plain')).failures).toEqual([])
  })
})

describe('a slow replica', () => {
  it('passes the calls beyond its `maxInFlight` to another replica, and no call fails', async () => {
    const [consumer, ...hosts] = await Promise.all([
      mesh.startConsumer({ routing: 'roundRobin' }),
      mesh.startHost('slow', { maxInFlight: 2, work: 50 }), mesh.startHost('fast')
    ])
    await nodesToBe(consumer, hosts)
    await consumer.ask('startLoad', { methods: ALL, callers: 32 })
    await answers(consumer, ['slow', 'fast'], { more: 20 })
    const { answers: count, failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    expect(count.fast).toBeGreaterThan(count.slow)
    expect(twice(mesh.runs)).toEqual([])
  })
})

describe('100 nodes that join and leave a mesh', () => {
  it('leave no handle, timer, listener or memory behind', async () => {
    interface State {
      readonly resources: Readonly<Record<string, number>>
      readonly listeners: number
      readonly nodes: number
      readonly heap: number
    }
    const process = await mesh.run('churn')
    await process.ask('start')
    // What is made once is made by the first ones.
    await process.ask('visit', 20)
    const before = await process.ask<State>('state')
    for (let n = 0; n < 4; n++) await process.ask('visit', 20)
    const after = await process.until('no more of anything than before', async () => {
      const now = await process.ask<State>('state')
      const grown = Object.entries(now.resources).some(([name, count]) => count > (before.resources[name] ?? 0))
      return grown ? undefined : now
    })
    expect(after).toMatchObject({ nodes: 1, listeners: before.listeners })
    expect(after.heap - before.heap).toBeLessThan(10 * 1024 * 1024)
    await process.ask('stop')
  })
})
