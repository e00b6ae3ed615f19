import { connect, type NatsConnection } from '@nats-io/transport-node'
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, type DistributedModuleOptions,
  type DurableEvent, type DurableListenerOptions
} from 'feathers-mesh'
import { nats } from 'feathers-mesh/nats'
import { run } from '../../../lib/cli/run'
import { silentLogger } from '../../silent-logger'
import { rejection, until } from '../../until'
import { hasNats, JETSTREAM, NatsServer, startCluster } from './nats-server'

interface Order {
  readonly n: number
}

@Distributed('orders')
class OrderService {
  @DistributedEvent({ durable: true }) readonly shipped!: DurableEvent<Order>

  @DistributedMethod({ data: Object })
  async create (order: Order): Promise<Order> {
    void this.shipped.emit(order)
    return order
  }
}

const SECRETS = ['the first secret of this mesh', 'the second secret of this mesh']
const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('durable events on a NATS server', () => {
  const nodes: DistributedModule[] = []
  let server: NatsServer
  let watcher: NatsConnection
  let environments = 0
  let environment = ''
  /** All that was published on the server by nodes, as bytes. */
  const seen: string[] = []

  beforeAll(async () => {
    server = await NatsServer.start(JETSTREAM)
    watcher = await connect({ servers: server.url })
    watcher.subscribe('mesh.>', { callback: (_error, { data }) => { seen.push(Buffer.from(data).toString('latin1')) } })
  })
  afterAll(async () => {
    await watcher.close()
    await server.stop()
  })
  beforeEach(() => { environment = `test${++environments}` })
  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => await node.stop())) })

  async function start (options: DistributedModuleOptions = {}): Promise<DistributedModule> {
    const node = DistributedModule.forRoot({
      transport: server.url, environment, logger: silentLogger, drainTimeout: 1_000, ...options
    })
    nodes.push(node)
    await node.start()
    return node
  }

  type Listen = (n: number, delivery: number) => unknown

  async function member (
    listen: Listen, group: Partial<DurableListenerOptions> = {}, options: DistributedModuleOptions = {}
  ): Promise<DistributedModule> {
    const node = DistributedModule.forRoot({
      transport: server.url, environment, logger: silentLogger, drainTimeout: 1_000, ...options
    })
    nodes.push(node)
    node.remote(OrderService).on('shipped', async ({ n }, { stored }) => await listen(n, Object(stored).delivery),
      { durable: 'billing', ackTimeout: 500, maxDeliveries: 3, ...group, group: undefined })
    await node.start()
    return node
  }

  /** What a command of the command line ends with and prints. */
  async function command (...args: string[]): Promise<string> {
    let out = ''
    const write = (text: string): void => { out += text }
    const { signal } = new AbortController()
    const variables = { MESH_TRANSPORT: server.url, MESH_ENVIRONMENT: environment }
    const code = await run({ args, variables, signal, load: async () => ({}), out: write, err: write })
    return `${code} ${out}`
  }

  it('are stored before the reply, wait for a group without members, and reach one member of each', async () => {
    const host = await start({ services: [OrderService] })
    const caller = await start({ remotes: ['orders'] })
    const got: number[][] = [[], [], []]
    await (await member(n => got[0].push(n))).stop()
    for (const n of [1, 2, 3]) await caller.remote(OrderService).create({ n })
    await host.stop()
    await member(n => got[0].push(n))
    await member(n => got[1].push(n))
    await member(n => got[2].push(n), { durable: 'new', from: 2 })
    await until('all events', () => got[0].length + got[1].length >= 3 && got[2].length >= 2)
    expect([...got[0], ...got[1]].sort()).toEqual([1, 2, 3])
    expect(got[2]).toEqual([2, 3])
  })

  it('are given again to one that rejects, are dead letters then, and come again to their group alone', async () => {
    const host = await start({ services: [OrderService] })
    const deliveries: number[] = []
    const others: number[] = []
    let isOpen = false
    const node = await member((_n, delivery) => {
      deliveries.push(delivery)
      if (!isOpen) throw new Error('closed today')
    })
    await member(n => others.push(n), { durable: 'other' })
    await host.remote(OrderService).create({ n: 1 })
    const [letter] = await until('a dead letter', async () => {
      const letters = await node.deadLetters.list()
      return letters.length > 0 ? letters : undefined
    })
    expect(deliveries).toEqual([1, 2, 3])
    expect(letter).toMatchObject({ path: 'orders', event: 'shipped', group: 'billing', deliveries: 3 })
    expect(letter.reason).toBe('closed today')
    expect((await host.deadLetters.get(letter.id))?.message.args).toEqual([{ n: 1 }])
    const cli = async (...words: string[]): Promise<string> => await command('dead-letters', ...words)
    expect(await cli()).toMatch(/^0 ID.*\n1 +orders shipped +billing +3 times .* closed today\n$/s)
    expect(await cli('show', '1')).toMatch('"n": 1')
    isOpen = true
    expect(await cli('resend', '1')).toMatch(/^0 the event of dead letter 1 goes/)
    expect(await cli('resend', '1')).toBe('1 there is no dead letter 1\n')
    expect(await host.deadLetters.resend(letter.id)).toBe(false)
    await until('it to come again', () => deliveries.length === 4)
    await host.remote(OrderService).create({ n: 2 })
    await until('the next one', () => others.includes(2))
    expect(others).toEqual([1, 2])
    expect(await node.deadLetters.list()).toEqual([])
  })

  it('come one at a time where order is asked for, also when one is given again', async () => {
    const host = await start({ services: [OrderService] })
    const got: number[] = []
    const listen: Listen = (n, delivery) => {
      got.push(n)
      if (n === 2 && delivery === 1) throw new Error('not now')
    }
    await Promise.all([member(listen, { ordered: true }), member(listen, { ordered: true })])
    for (const n of [1, 2, 3, 4]) await host.remote(OrderService).create({ n })
    await until('all events', () => got.includes(4))
    expect(got).toEqual([1, 2, 2, 3, 4])
  })

  it.each<[string, string | undefined]>([
    ['without a secret', undefined], ['with a secret', SECRETS[0]]
  ])('tell how far behind each group is in a mesh %s', async (_what, secret) => {
    const options = secret === undefined ? {} : { secret }
    const host = await start({ services: [OrderService], ...options })
    let end = (): void => {}
    const busy: Listen = async () => { await new Promise<void>(resolve => { end = resolve }) }
    await member(busy, { ordered: true, durable: 'slow' }, options)
    await (await member(() => {}, { durable: 'away' }, options)).stop()
    for (const n of [1, 2, 3]) await host.remote(OrderService).create({ n })
    const lags = await until('an event under way', async () => {
      const groups = await host.durableGroups()
      return groups.some(({ underWay }) => underWay > 0) ? groups : undefined
    })
    const common = { path: 'orders', event: 'shipped' }
    expect(lags).toHaveLength(2)
    expect(lags).toEqual(expect.arrayContaining([
      { ...common, group: 'slow', waiting: 2, underWay: 1 }, { ...common, group: 'away', waiting: 3, underWay: 0 }
    ]))
    if (secret === undefined) expect(await command('groups')).toMatch(/^0 GROUP.*\naway +orders shipped +3 +0\nslow .* 2 +1\n$/s)
    end()
  })

  it('are sealed with the secret, and opened with one that was replaced', async () => {
    seen.splice(0)
    const host = await start({ services: [OrderService], secret: SECRETS[0] })
    const got: number[] = []
    const first = await member(n => got.push(n), {}, { secret: [SECRETS[0], SECRETS[1]] })
    await host.remote(OrderService).create({ n: 111_222 })
    await until('the first', () => got.length === 1)
    await first.stop()
    await host.remote(OrderService).create({ n: 333_444 })
    await host.stop()
    const next = await start({ services: [OrderService], secret: [SECRETS[1], SECRETS[0]] })
    await next.remote(OrderService).create({ n: 555_666 })
    await member(n => got.push(n), {}, { secret: [SECRETS[1], SECRETS[0]] })
    await until('all', () => got.length === 3)
    expect(got.sort()).toEqual([111_222, 333_444, 555_666])
    await watcher.flush()
    expect(seen.filter(text => /111222|333444|555666|orders|shipped|billing/.test(text))).toEqual([])
  })

  it('reach members whose secret is replaced while they run', async () => {
    let secrets = [SECRETS[0]]
    const got: number[] = []
    await member(n => got.push(n), {}, { secret: () => secrets })
    secrets = [SECRETS[0], SECRETS[1]]
    const host = await start({ services: [OrderService], secret: [SECRETS[1], SECRETS[0]] })
    await host.resolve(OrderService).shipped.emit({ n: 1 })
    await until('the event', () => got.length > 0)
    expect(got).toEqual([1])
  })

  it('outlive a restart of the server, which keeps what was stored, and each once', async () => {
    const own = await NatsServer.start(JETSTREAM)
    try {
      const host = await start({ transport: own.url, services: [OrderService] })
      const got: number[] = []
      await member(n => got.push(n), {}, { transport: own.url })
      await host.remote(OrderService).create({ n: 1 })
      await own.kill()
      const stored = host.resolve(OrderService).shipped.emit({ n: 2 })
      await own.start()
      await stored
      await host.resolve(OrderService).shipped.emit({ n: 3 })
      await until('all events', () => got.includes(3) && got.includes(2))
      expect(got).toEqual([1, 2, 3])
    } finally {
      await Promise.all(nodes.splice(0).map(async node => await node.stop()))
      await own.stop()
    }
  })

  it('stay with their member while the server restarts, however long it handles them, and in order', async () => {
    const own = await NatsServer.start(JETSTREAM)
    try {
      const transport = own.url
      const host = await start({ transport, services: [OrderService] })
      const began: number[] = []
      let end = (): void => {}
      const listen: Listen = async n => {
        began.push(n)
        if (n === 1) await new Promise<void>(resolve => { end = resolve })
      }
      const members = [await member(listen, { ordered: true, ackTimeout: 3_000 }, { transport })]
      members.push(await member(listen, { ordered: true, ackTimeout: 3_000 }, { transport }))
      for (const n of [1, 2]) await host.resolve(OrderService).shipped.emit({ n })
      await until('the first to begin', () => began.length > 0)
      await own.kill()
      await own.start()
      // More time passes than the server waits for a word of who handles an event.
      const from = performance.now()
      await host.resolve(OrderService).shipped.emit({ n: 3 })
      await until('the server to wait no longer', () => performance.now() - from > 4_000)
      expect(began).toEqual([1])
      end()
      await until('all events', () => began.includes(3))
      expect(began).toEqual([1, 2, 3])
    } finally {
      await Promise.all(nodes.splice(0).map(async node => await node.stop()))
      await own.stop()
    }
  })

  it('are kept by three servers of a cluster, and outlive one that is killed', async () => {
    const servers = await startCluster(3)
    try {
      const durable = { replicas: 3, storeTimeout: 30_000 }
      const transport = (): ReturnType<typeof nats> => nats({ servers: servers.map(({ url }) => url), durable })
      const host = await start({ transport: transport(), services: [OrderService] })
      const got = new Set<number>()
      await member(n => got.add(n), {}, { transport: transport() })
      const { shipped } = host.resolve(OrderService)
      await shipped.emit({ n: 1 })
      await until('the first', () => got.has(1))
      await servers[0].kill()
      for (const n of [2, 3, 4]) await shipped.emit({ n })
      await until('all', () => got.size === 4)
    } finally {
      await Promise.all(nodes.splice(0).map(async node => await node.stop()))
      await Promise.all(servers.map(async each => await each.stop()))
    }
  })

  it('are refused at the start by a server without JetStream, and not stored without a server', async () => {
    const bare = await NatsServer.start()
    try {
      const node = DistributedModule.forRoot({ transport: bare.url, services: [OrderService], logger: silentLogger })
      expect(String(await rejection(node.start()))).toMatch(/can't keep durable events: .*JetStream/s)
      await node.stop()
    } finally {
      await bare.stop()
    }
    const own = await NatsServer.start(JETSTREAM)
    const transport = nats({ servers: own.url, durable: { storeTimeout: 300, maxAge: 60_000, replicas: 1 } })
    const host = await start({ transport, services: [OrderService] })
    await own.stop()
    const error = await rejection(host.resolve(OrderService).shipped.emit({ n: 1 }))
    expect(error).toMatchObject({ code: 503, data: { code: 'MESH_EVENT_NOT_STORED', outcome: 'unknown' } })
    await host.stop()
  })

  it('don\'t stop for what strangers put among them', async () => {
    const host = await start({ services: [OrderService] })
    const got: number[] = []
    const node = await member(n => got.push(n), { maxDeliveries: 1 })
    watcher.publish(`mesh.${environment}.durable.x.orders.shipped`, 'P{"path":')
    watcher.publish(`mesh.${environment}.durable.x.orders.shipped`, 'Shello')
    watcher.publish(`mesh.${environment}.durable.x.orders.shipped`, '')
    watcher.publish(`mesh.${environment}.dead.orders.shipped.billing`, 'P[]')
    await watcher.flush()
    await host.remote(OrderService).create({ n: 1 })
    await until('the event', () => got.length > 0)
    expect(got).toEqual([1])
    expect(node.counters().unreadableEvents).toBe(3)
    expect(await node.deadLetters.list()).toEqual([])
  })
})
