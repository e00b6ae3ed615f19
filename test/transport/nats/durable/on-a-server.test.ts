import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, type DistributedModuleOptions,
  type DurableEvent, type DurableListenerOptions
} from 'feathers-mesh'
import { nats, type NatsOptions } from 'feathers-mesh/nats'
import { rejection, until } from '../../../until'
import { hasNats, JETSTREAM, NatsServer } from '../nats-server'

@Distributed('orders')
class OrderService {
  @DistributedEvent({ durable: true }) readonly shipped!: DurableEvent<number>

  @DistributedMethod()
  async create (n: number): Promise<number> {
    void this.shipped.emit(n)
    return n
  }
}

const docs = (name: string): string => readFileSync(join(__dirname, '../../../../docs', name), 'utf8')

/** The user of docs/nats.md, with what docs/durable-events.md says that it needs beside that. */
function documentedUser (): string {
  const [, user = ''] = /users: \[(\{.*?\n {2}\})\]/s.exec(docs('nats.md')) ?? []
  const needs = /It needs to publish to (.*?) and to listen to `(.*?)`/s.exec(docs('durable-events.md')) ?? []
  const subjects = [...needs[1].matchAll(/`(.*?)`/g)].map(([, subject]) =>
    subject.replace('<environment>', 'production').replace('<key>', 'billing'))
  return user.replace('$BILLING_PASSWORD', 'secret')
    .replace('publish: [', `publish: [${subjects.map(subject => JSON.stringify(subject)).join(', ')}, `)
    .replace('subscribe: [', `subscribe: ["${needs[2]}", `)
}

/** A user who may publish all but these subjects. */
const userWithout = (name: string, ...denied: readonly string[]): string =>
  `{ user: "${name}", password: secret, permissions: { publish: { deny: ${JSON.stringify(denied)} } } }`

const PROBLEM = /can't keep durable events: .*permissions violation.*give its user .* docs\/durable-events\.md names/is
const MS = 1_000_000
const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('durable events on a NATS server that has users', () => {
  const nodes: DistributedModule[] = []
  let server: NatsServer
  let operator: NatsConnection
  let environments = 0
  let environment = ''

  beforeAll(async () => {
    server = await NatsServer.start(`${JETSTREAM}
      authorization { users: [
        { user: operator, password: secret }
        ${documentedUser()}
        ${userWithout('no-streams', '$JS.API.STREAM.CREATE.>', '$JS.API.STREAM.UPDATE.>')}
        ${userWithout('no-consumers', '$JS.API.CONSUMER.CREATE.>', '$JS.API.CONSUMER.DURABLE.CREATE.>')}
        ${userWithout('no-events', 'mesh.*.durable.>')}
        { user: no-answers, password: secret, permissions: { subscribe: "mesh.>" } }
      ] }`)
    operator = await connect({ servers: server.url, user: 'operator', pass: 'secret' })
  })
  afterAll(async () => {
    await operator.close()
    await server.stop()
  })
  beforeEach(() => { environment = `test${++environments}` })
  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => await node.stop())) })

  const warnings: string[] = []
  const ignore = (): void => {}
  const logger = {
    error: ignore, info: ignore, debug: ignore, warn: (_record: unknown, text: string): void => { warnings.push(text) }
  }
  beforeEach(() => { warnings.splice(0) })

  function make (options: DistributedModuleOptions = {}, more: Partial<NatsOptions> = {}): DistributedModule {
    const transport = nats({ servers: server.url, user: 'operator', pass: 'secret', ...more })
    const node = DistributedModule.forRoot({ transport, environment, logger, drainTimeout: 1_000, ...options })
    nodes.push(node)
    return node
  }

  async function host (more: Partial<NatsOptions> = {}): Promise<DistributedModule> {
    const node = make({ services: [OrderService] }, more)
    await node.start()
    return node
  }

  /** A listener with a group of its own; returns what it hears, and when each was stored. */
  async function listener (options: Omit<DurableListenerOptions, 'group'>): Promise<Array<readonly [number, Date]>> {
    const heard: Array<readonly [number, Date]> = []
    const node = make()
    node.remote(OrderService).on('shipped', (n, { stored }) => {
      // The mesh adds it to each context of a durable event.
      heard.push([n, (stored as { readonly time: Date }).time])
    }, options)
    await node.start()
    return heard
  }

  /** What the server says of a stream of the mesh. */
  async function stream (kind: 'durable' | 'dead'): Promise<Readonly<Record<string, unknown>>> {
    const { config } = await (await jetstreamManager(operator)).streams.info(`mesh+${environment}+${kind}`)
    return { ...config }
  }

  it('come to a new listener from the time, or from the number, that it asks for', async () => {
    const node = await host()
    const { shipped } = node.resolve(OrderService)
    const all = await listener({ durable: 'all' })
    for (const n of [1, 2, 3, 4]) {
      await shipped.emit(n)
      const stored = await until('it to be heard', () => all[n - 1])
      await until('another millisecond', () => Date.now() > stored[1].getTime() + 1)
    }
    const third = all[2][1]
    const [byTime, byNumber, fromStart, behind] = [
      await listener({ durable: 'time', from: third }), await listener({ durable: 'number', from: 3 }),
      await listener({ durable: 'start', from: 'start' }), await listener({ durable: 'behind' })
    ]
    await shipped.emit(5)
    const groups = [all, byTime, byNumber, fromStart, behind]
    await until('the last one everywhere', () => groups.every(heard => heard.some(([n]) => n === 5)))
    expect(groups.map(heard => heard.map(([n]) => n)))
      .toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [3, 4, 5], [1, 2, 3, 4, 5], [5]])
  })

  it('are kept within the limits of the options, and a node warns when it changes those of a stream', async () => {
    const durable = { maxAge: 60_000, maxBytes: 1_000_000, duplicateWindow: 5_000, letterAge: 90_000 }
    await host({ durable })
    const made = { num_replicas: 1, storage: 'file', retention: 'limits', discard: 'old', max_bytes: 1_000_000 }
    expect(await stream('durable')).toMatchObject({
      ...made, max_age: 60_000 * MS, duplicate_window: 5_000 * MS, subjects: [`mesh.${environment}.durable.>`]
    })
    expect(await stream('dead')).toMatchObject({
      ...made, max_age: 90_000 * MS, subjects: [`mesh.${environment}.dead.>`]
    })
    // One without limits takes those that are there, and so does one with the same.
    await host()
    await host({ durable })
    expect(await stream('durable')).toMatchObject({ max_age: 60_000 * MS, max_bytes: 1_000_000 })
    expect(warnings).toEqual([])
    await host({ durable: { maxAge: 70_000, maxBytes: 2_000_000 } })
    expect(await stream('durable')).toMatchObject({
      max_age: 70_000 * MS, max_bytes: 2_000_000, duplicate_window: 5_000 * MS
    })
    const names = [`mesh+${environment}+durable`, `mesh+${environment}+dead`]
    expect(warnings.map(text => text.replace(/^NATS at \S+: /, ''))).toEqual([
      `the stream ${names[0]} has max_age 70000 ms now, as the options of this node say, and had 60000 ms`,
      `the stream ${names[0]} has max_bytes 2000000 now, as the options of this node say, and had 1000000`,
      `the stream ${names[1]} has max_bytes 2000000 now, as the options of this node say, and had 1000000`
    ])
  })

  it('come with a warning where somebody made the stream of another kind', async () => {
    const { streams } = await jetstreamManager(operator)
    const name = `mesh+${environment}+durable`
    await streams.add({
      name, subjects: [`mesh.${environment}.durable.orders.>`], storage: 'memory', retention: 'interest'
    })
    const node = make({ services: [OrderService] })
    await node.start()
    const remedy = 'as somebody else made it: delete it, and a node makes it anew'
    expect(warnings.map(text => text.replace(/^NATS at \S+: /, ''))).toEqual([
      `the stream ${name} has subjects mesh.${environment}.durable.orders.> in place of ` +
        `mesh.${environment}.durable.>, ${remedy}`,
      `the stream ${name} has retention interest in place of limits, ${remedy}`,
      `the stream ${name} has storage memory in place of file, ${remedy}`
    ])
  })

  it.each([
    ['make streams', 'no-streams'], ['make consumers', 'no-consumers'], ['hear answers', 'no-answers']
  ])('are refused at the start with the remedy where the server does not let the node %s', async (_what, user) => {
    const node = make({ services: [OrderService] }, { user })
    node.remote(OrderService).on('shipped', () => {}, { durable: 'billing' })
    const error = await rejection(node.start())
    expect(error).toMatchObject({ name: 'ConfigurationError' })
    expect(String(error)).toMatch(PROBLEM)
  })

  it('need no permission to make streams that are there', async () => {
    await host()
    const heard = await listener({ durable: 'billing' })
    await (await host({ user: 'no-streams' })).resolve(OrderService).shipped.emit(1)
    await until('it', () => heard.length > 0)
  })

  it('tell the caller at once, and why, where the server does not let the node publish them', async () => {
    const node = await host({ user: 'no-events', durable: { storeTimeout: 60_000 } })
    const error = await rejection(node.resolve(OrderService).shipped.emit(1))
    expect(error).toMatchObject({ code: 503, data: { code: 'MESH_EVENT_NOT_STORED' } })
    expect(error.message).toMatch(/permissions violation/i)
  })

  it('work with exactly the permissions that the documents name', async () => {
    const user = { user: 'billing', keysByPermission: true }
    const options = { key: 'billing', environment: 'production', services: [OrderService] }
    const publisher = make(options, user)
    await publisher.start()
    const member = make({ ...options, services: [] }, user)
    const heard: number[] = []
    let isOpen = false
    member.remote(OrderService).on('shipped', n => {
      if (n === 2 && !isOpen) throw new Error('closed today')
      heard.push(n)
    }, { durable: 'invoices', maxDeliveries: 2 })
    await member.start()
    await member.remote(OrderService).create(1)
    await publisher.resolve(OrderService).shipped.emit(2)
    const [letter] = await until('a dead letter', async () => {
      const letters = await member.deadLetters.list()
      return letters.length > 0 ? letters : undefined
    })
    expect(letter).toMatchObject({ group: 'invoices', reason: 'closed today' })
    isOpen = true
    expect(await member.deadLetters.resend(letter.id)).toBe(true)
    await until('both', () => heard.length === 2)
    expect(heard).toEqual([1, 2])
    await until('none to be under way', async () => (await publisher.durableGroups())[0].underWay === 0)
    expect(await publisher.durableGroups()).toEqual([
      { path: 'orders', event: 'shipped', group: 'invoices', waiting: 0, underWay: 0 }
    ])
    // The server tells of what a node may not do.
    expect(warnings).toEqual([])
  })
})
