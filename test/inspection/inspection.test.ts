import { feathers } from '@feathersjs/feathers'
import { NotFound } from '@feathersjs/errors'
import {
  Distributed, DistributedEvent, DistributedMethod, type DistributedModule, type DistributedModuleOptions,
  type ServiceEvent
} from 'feathers-mesh'
import { MeshObserver, type ObserverOptions } from '../../lib/inspection/observer/observer'
import type { TapRecord } from '../../lib/inspection/records'
import { idOf, memoryMesh } from '../memory-mesh'
import { stoppedAfterEach } from '../stopped-after-each'
import { until } from '../until'

const mesh = memoryMesh()
const observers = stoppedAfterEach<MeshObserver>()

const todos = {
  async find () { return ['a'] },
  async get (id: string) { throw new NotFound(`no ${id}`) },
  async create (data: object) { return data }
}

@Distributed({ path: 'vault', allow: ['bank'] })
class Vault {
  @DistributedEvent() opened!: ServiceEvent<number>

  @DistributedMethod({ data: Object })
  async open (_data: object): Promise<number> {
    return 7
  }
}

async function host (options: DistributedModuleOptions = {}): Promise<DistributedModule> {
  const app = feathers()
  app.use('todos', todos, { methods: ['find', 'get', 'create'], events: ['done'] })
  return await mesh.start({ app, name: 'host', ...options })
}

async function observe (options?: ObserverOptions): Promise<MeshObserver> {
  const observer = new MeshObserver(mesh.transport(), options)
  observers.push(observer)
  await observer.start()
  await until('the observer to see a node', () => observer.nodes.length > 0)
  return observer
}

interface Tapped {
  readonly records: TapRecord[]
  readonly refused: unknown[]
  lost: number
}

function tap (observer: MeshObserver, options: Parameters<MeshObserver['tap']>[0] = {}): Tapped & { end: () => void } {
  const tapped: Tapped = { records: [], refused: [], lost: 0 }
  const end = observer.tap(options, {
    onRecords: (_node, records) => tapped.records.push(...records),
    onLost: (_node, count) => { tapped.lost += count },
    onRefused: (_node, error) => tapped.refused.push(error)
  })
  return Object.assign(tapped, { end })
}

async function tapped (node: DistributedModule, count: number): Promise<void> {
  await until('the tap to be open', () => node.inspect().taps === count)
}

describe('a node that is asked', () => {
  it('tells its calls and those to others, by method, with their errors and times', async () => {
    const node = await host()
    const caller = await mesh.start({ remotes: ['todos'], name: 'caller' })
    const remote = caller.remote<typeof todos>('todos')
    await remote.find()
    await expect(remote.get('x')).rejects.toThrow('no x')
    const observer = await observe()
    const served = (await observer.inspect(idOf(node)))?.served
    expect(served).toEqual([
      expect.objectContaining({ path: 'todos', method: 'find', calls: 1, errors: {}, inFlight: 0 }),
      expect.objectContaining({ path: 'todos', method: 'get', calls: 1, errors: { NotFound: 1 } })
    ])
    const called = (await observer.inspect(idOf(caller)))?.called
    const counts = called?.map(({ method, calls, waiting }) => [method, calls, waiting])
    expect(counts).toEqual([['find', 1, 0], ['get', 1, 0]])
    expect(called?.[0]?.lastMinute.p50).toBeGreaterThan(0)
    expect(caller.inspect().called).toEqual(called)
  })

  it('tells what it is, what it hosts, and whom it sees', async () => {
    const node = await host({ timeout: 4_000 })
    const other = await mesh.start({ name: 'other', key: 'office' })
    const observer = await observe()
    const report = await observer.inspect(idOf(node))
    expect(report).toMatchObject({
      name: 'host', key: 'default', node: process.version, options: { timeout: 4_000 },
      peers: [{ id: idOf(other), name: 'other', key: 'office' }], refusals: {}, gaps: 0
    })
    expect(report?.services.map(({ path, methods }) => [path, methods])).toEqual([['todos', ['find', 'get', 'create']]])
  })

  it('counts the events that it sent, and those that it received', async () => {
    const node = await host()
    const caller = await mesh.start({ remotes: ['todos'] })
    const heard: unknown[] = []
    caller.remote<typeof todos>('todos').on('created', todo => heard.push(todo))
    await until('an event', async () => {
      await node.app.service('todos').create({})
      return heard.length > 0
    })
    const { events: sent } = node.inspect()
    const { events: received } = caller.inspect()
    expect(sent[0]).toMatchObject({ path: 'todos', event: 'created', received: 0 })
    expect(received).toEqual([{ path: 'todos', event: 'created', sent: 0, received: heard.length }])
  })

  it('tells a call that waits for a host as waiting', async () => {
    const caller = await mesh.start()
    const waiting = caller.remote<typeof todos>('todos').find()
    await until('the call to wait', () => caller.inspect().called.some(each => each.waiting === 1))
    await host()
    await waiting
    expect(caller.inspect().called.map(({ inFlight, waiting }) => [inFlight, waiting])).toEqual([[0, 0]])
  })

  it('answers nothing when its option is false, as an old node', async () => {
    const node = await host({ inspect: false })
    const observer = await observe()
    expect(await observer.inspect(idOf(node))).toBeUndefined()
    const tapping = tap(observer)
    await until('the refusal', () => tapping.refused.length > 0)
    expect(node.inspect().served).toEqual([])
  })

  it('answers nodes of the keys of its option alone, and counts the others', async () => {
    const node = await host({ inspect: ['ops'] })
    const stranger = await observe({ key: 'default' })
    await expect(stranger.inspect(idOf(node))).rejects.toThrow('mesh.inspect() is not allowed for node')
    expect(node.counters().forbidden).toBe(1)
    const operator = await observe({ key: 'ops' })
    expect((await operator.inspect(idOf(node)))?.name).toBe('host')
  })

  it('tells nobody figures of what they may not call or hear', async () => {
    const node = await mesh.start({ services: [Vault] })
    const caller = await mesh.start({ key: 'bank', remotes: ['vault'] })
    const open = async (): Promise<unknown> => await caller.remote<Vault>('vault').open({})
    await open()
    node.app.service('vault').emit('opened', 7)
    const outsider = await observe({ key: 'default' })
    const insider = await observe({ key: 'bank' })
    const [seen, known] = await Promise.all([outsider.inspect(idOf(node)), insider.inspect(idOf(node))])
    expect([seen?.served, seen?.events]).toEqual([[], []])
    expect([known?.served[0]?.calls, known?.events[0]?.event]).toEqual([1, 'opened'])
    expect((await outsider.inspect(idOf(caller)))?.called).toEqual([])
    expect((await insider.inspect(idOf(caller)))?.called[0]?.calls).toBe(1)

    const [out, inside] = [tap(outsider), tap(insider)]
    await tapped(node, 2)
    await until('the insider to see a call and an event', async () => {
      await open()
      node.app.service('vault').emit('opened', 7)
      return ['served', 'sent'].every(side => inside.records.some(record => record.side === side))
    })
    expect(out.records).toEqual([])
  })

  it('refuses questions that come too often, and answers again later', async () => {
    const node = await host()
    const observer = await observe()
    const asked = await Promise.allSettled(Array.from({ length: 50 }, async () => await observer.inspect(idOf(node))))
    const refused = asked.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(30)
    expect(refused[0]).toMatchObject({ reason: { data: { code: 'MESH_OVERLOADED' } } })
    await until('an answer', async () => await observer.inspect(idOf(node)).catch(() => undefined))
    expect(node.counters().throttledControl).toBeGreaterThan(30)
  })
})

describe('an observer', () => {
  it('is no node that others count', async () => {
    const node = await host()
    const observer = await observe({ name: 'looker' })
    await observer.inspect(idOf(node))
    expect(node.nodes().map(({ name }) => name)).toEqual(['host'])
    expect((await observe()).nodes.map(({ name }) => name)).toEqual(['host'])
  })

  it('calls a method of a service, and gets its error', async () => {
    await host()
    const observer = await observe()
    expect(await observer.call({ path: 'todos', method: 'find', timeoutMs: 5_000 })).toEqual(['a'])
    await expect(observer.call({ path: 'todos', method: 'get', id: 7, timeoutMs: 5_000 })).rejects.toThrow('no 7')
    await expect(observer.call({ path: 'users', method: 'get', timeoutMs: 5_000 })).rejects.toThrow('no node offers it')
  })
})

describe('a tap', () => {
  it('tells calls and events as they pass, without what they carry', async () => {
    const node = await host()
    const caller = await mesh.start({ remotes: ['todos'] })
    const remote = caller.remote<typeof todos>('todos')
    remote.on('created', () => {})
    const observer = await observe()
    const tapping = tap(observer)
    await Promise.all([node, caller].map(async each => await tapped(each, 1)))
    await remote.create({ text: 'a secret' })
    await remote.get('secret').catch(() => {})
    node.app.service('todos').emit('done', 'a secret')
    await until('all sides', () => new Set(tapping.records.map(({ side }) => side)).size === 4)
    await until('both calls', () => tapping.records.filter(({ side }) => side === 'served').length === 2)
    expect(tapping.records.filter(({ side }) => side === 'served')).toEqual([
      expect.objectContaining({ path: 'todos', name: 'create', node: idOf(caller), key: 'default', outcome: 'ok' }),
      expect.objectContaining({ path: 'todos', name: 'get', outcome: 'NotFound' })
    ])
    const bytesOf = (ofSide: string, ofName: string): number | undefined =>
      tapping.records.find(({ side, name }) => side === ofSide && name === ofName)?.bytes
    await until('the call of the caller', () => bytesOf('called', 'create'))
    expect(bytesOf('called', 'create')).toBe('{"data":{"text":"a secret"}}'.length)
    expect(bytesOf('sent', 'done')).toBe('["a secret"]'.length)
    expect(bytesOf('received', 'created')).toBeGreaterThan(10)
    expect(JSON.stringify(tapping.records)).not.toContain('secret')
    tapping.end()
    await tapped(node, 0)
  })

  it('tells payloads when the option allows it and the asker asks for them', async () => {
    const node = await host({ inspect: { payloads: true } })
    const silent = await host({ name: 'silent' })
    const observer = await observe()
    const [with_, without] = [tap(observer, { payloads: true }), tap(observer)]
    await Promise.all([tapped(node, 2), tapped(silent, 2)])
    for (const each of [node, silent]) each.app.service('todos').emit('done', 'a payload')
    await until('two events each', () => with_.records.length === 2 && without.records.length === 2)
    const payloads = with_.records.map(({ payload }) => payload)
    expect(payloads.filter(payload => payload !== undefined)).toEqual(['["a payload"]'])
    expect(without.records.some(({ payload }) => payload !== undefined)).toBe(false)
  })

  it('tells what passes one service, on the sides that it asks for', async () => {
    const node = await host()
    node.app.use('users', { async find () { return [] } })
    const caller = await mesh.start({ remotes: ['todos', 'users'] })
    const observer = await observe()
    const tapping = tap(observer, { path: 'users', sides: ['served'] })
    await Promise.all([node, caller].map(async each => await tapped(each, 1)))
    await caller.remote<typeof todos>('todos').find()
    await caller.remote<typeof todos>('users').find()
    await until('the call', () => tapping.records.length > 0)
    expect(tapping.records.map(({ path, side }) => [path, side])).toEqual([['users', 'served']])
  })

  it('is one of four: a fifth is refused until one ends', async () => {
    const node = await host()
    const observer = await observe()
    const open = Array.from({ length: 4 }, () => tap(observer))
    await tapped(node, 4)
    const fifth = tap(observer)
    await until('the refusal', () => fifth.refused.length > 0)
    expect(String(fifth.refused[0])).toContain('as many taps as it may have')
    open[0]?.end()
    await until('the fifth one', () => {
      node.app.service('todos').emit('done', 1)
      return fifth.records.length > 0
    })
  })

  it('counts what is beyond its rate', async () => {
    const node = await host()
    const observer = await observe()
    const tapping = tap(observer)
    await tapped(node, 1)
    for (let n = 0; n < 3_000; n++) node.app.service('todos').emit('done', n)
    await until('all of them', () => tapping.records.length + tapping.lost === 3_000)
    expect(tapping.records.length).toBeLessThanOrEqual(2_000)
    expect(tapping.lost).toBeGreaterThanOrEqual(1_000)
  })

  it('ends when its node leaves, which does not wait for it', async () => {
    const node = await host()
    const observer = await observe()
    tap(observer)
    await tapped(node, 1)
    await node.stop()
    expect(node.inspect().taps).toBe(0)
  })

  it('is closed to other askers, and to one that is gone', async () => {
    const node = await host()
    const taps = node.inspect()
    expect(taps.taps).toBe(0)
    const observer = await observe()
    tap(observer)
    await tapped(node, 1)
    await observer.stop()
    observers.splice(0)
    await until('the tap to be removed', () => node.inspect().taps === 0)
  })
})
