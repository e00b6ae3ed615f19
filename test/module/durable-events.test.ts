import type { Service } from '@feathersjs/feathers'
import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { IsNumber } from 'class-validator'
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, MemoryNetwork, OnRemoteEvent,
  type DistributedModuleOptions, type DurableEvent, type LogRecord, type RemoteEventContext, type ServiceEvent
} from 'feathers-mesh'
import { injectable } from 'tsyringe'
import { idOf } from '../memory-mesh'
import { silentLogger } from '../silent-logger'
import { rejection, until } from '../until'

class Order {
  @IsNumber() n!: number
}

@Distributed('orders')
class OrderService {
  @DistributedEvent({ durable: true, payload: Order }) readonly shipped!: DurableEvent<Order>
  @DistributedEvent() readonly seen!: ServiceEvent<Order>

  @DistributedMethod()
  async create (order: Order): Promise<Order> {
    void this.shipped.emit(order)
    return order
  }
}

interface Heard {
  readonly order: Order
  readonly context: RemoteEventContext
}

/** What each listener heard, and how often each order is to be refused. */
const heard: Heard[] = []
const refusals = new Map<number, number>()
const running: Array<() => void> = []

function hear (order: Order, context: RemoteEventContext): void {
  heard.push({ order, context })
  const left = refusals.get(order.n) ?? 0
  refusals.set(order.n, left - 1)
  if (left > 0) throw new Error(`no room for ${order.n} at https://user:password@host`)
}

@injectable()
class Billing {
  @OnRemoteEvent(OrderService, 'shipped', { durable: 'billing', maxDeliveries: 3, ackTimeout: 100 })
  async bill (order: Order, context: RemoteEventContext): Promise<void> { hear(order, context) }
}

@injectable()
class Waiting {
  @OnRemoteEvent(OrderService, 'shipped', { durable: 'waiting', ordered: true, ackTimeout: 100 })
  async wait (order: Order, context: RemoteEventContext): Promise<void> {
    hear(order, context)
    await new Promise<void>(resolve => { running.push(resolve) })
  }
}

const numbers = (): number[] => heard.map(({ order }) => order.n)

describe('durable events of a memory network', () => {
  let network: MemoryNetwork
  const nodes: DistributedModule[] = []

  beforeEach(() => {
    network = new MemoryNetwork()
    heard.splice(0)
    refusals.clear()
  })
  afterEach(async () => {
    for (const resolve of running.splice(0)) resolve()
    await Promise.all(nodes.splice(0).map(async node => await node.stop()))
  })

  async function start (options: DistributedModuleOptions): Promise<DistributedModule> {
    const node = DistributedModule.forRoot({
      transport: network.transport(), logger: silentLogger, drainTimeout: 1_000, ...options
    })
    nodes.push(node)
    await node.start()
    return node
  }

  const ship = async (node: DistributedModule, ...ns: number[]): Promise<void> => {
    for (const n of ns) await node.remote(OrderService).create({ n })
  }

  it('reach one member of each group, as instances, with their number, also while no member was there', async () => {
    const caller = await start({ services: [OrderService] })
    await (await start({ listeners: [Billing] })).stop()
    await ship(caller, 1, 2, 3)
    expect(heard).toEqual([])
    await Promise.all([start({ listeners: [Billing] }), start({ listeners: [Billing] })])
    await until('all events', () => heard.length === 3)
    expect(numbers().sort()).toEqual([1, 2, 3])
    expect(heard.every(({ order }) => order instanceof Order)).toBe(true)
    expect(heard.find(({ order }) => order.n === 2)?.context).toMatchObject({
      path: 'orders', event: 'shipped', stored: { sequence: 2, time: expect.any(Date) as Date, delivery: 1 }
    })
  })

  it('are given again while a listener rejects, and are dead letters when that is too often', async () => {
    const host = await start({ services: [OrderService] })
    const records: Array<Readonly<LogRecord>> = []
    const logger = { ...silentLogger, error: (record: LogRecord) => { records.push(record) } }
    const member = await start({ listeners: [Billing], logger })
    refusals.set(1, 2).set(2, 3)
    await ship(host, 1, 2)
    const letters = await until('a dead letter', async () => {
      const list = await member.deadLetters.list()
      return list.length > 0 ? list : undefined
    })
    expect(numbers().sort()).toEqual([1, 1, 1, 2, 2, 2])
    expect(letters).toEqual([{
      id: 1, path: 'orders', event: 'shipped', group: 'billing', deliveries: 3, sequence: 2, time: expect.any(Date),
      reason: expect.not.stringContaining('password') as string
    }])
    expect(records[0]).toMatchObject({ code: 'FEATHERS_MESH_LISTENER', path: 'orders', event: 'shipped' })
    const opened = await member.deadLetters.get(1)
    expect(opened?.message.args).toEqual([{ n: 2 }])
    expect(await member.deadLetters.get(7)).toBeUndefined()
  })

  it('go to their group alone when a dead letter is sent again', async () => {
    const host = await start({ services: [OrderService] })
    const member = await start({ listeners: [Billing] })
    const others: number[] = []
    member.remote(OrderService).on('shipped', ({ n }) => { others.push(n) }, { durable: 'other' })
    refusals.set(1, 3)
    await ship(host, 1)
    await until('a dead letter', async () => (await member.deadLetters.list()).length > 0)
    expect(await member.deadLetters.resend(1)).toBe(true)
    expect(await member.deadLetters.resend(1)).toBe(false)
    await until('it to come again', () => heard.length === 4)
    await ship(host, 2)
    await until('the next one', () => others.includes(2))
    expect(others).toEqual([1, 2])
    expect(await member.deadLetters.list()).toEqual([])
  })

  it('go to another member when a node dies, one at a time where order is asked for', async () => {
    const host = await start({ services: [OrderService] })
    const victim = await start({ listeners: [Waiting] })
    await ship(host, 1, 2)
    await until('the first one', () => running.length > 0)
    const waiting = { path: 'orders', event: 'shipped', group: 'waiting' }
    expect(await host.durableGroups()).toEqual([{ ...waiting, waiting: 1, underWay: 1 }])
    await start({ listeners: [Waiting] })
    network.kill(idOf(victim))
    await until('it to come again', () => running.length === 2)
    expect(heard.map(({ order: { n }, context }) => [n, Object(context.stored).delivery])).toEqual([[1, 1], [1, 2]])
    running[1]()
    await until('the second one', () => heard.length === 3)
    expect(numbers()).toEqual([1, 1, 2])
    expect(await host.durableGroups()).toEqual([{ ...waiting, waiting: 0, underWay: 1 }])
  })

  it('begin where a new group asks for it', async () => {
    const host = await start({ services: [OrderService] })
    await ship(host, 1, 2, 3)
    const got: Record<string, number[]> = { start: [], second: [], before: [], now: [] }
    const remote = host.remote(OrderService)
    const listen = (name: string, from?: 'start' | number | Date): void => {
      remote.on('shipped', ({ n }) => { got[name].push(n) }, { durable: name, ...from === undefined ? {} : { from } })
    }
    listen('start', 'start')
    listen('second', 2)
    listen('before', new Date(0))
    listen('now')
    await ship(host, 4)
    await until('all', () => Object.values(got).every(list => list.includes(4)))
    expect(got).toEqual({ start: [1, 2, 3, 4], second: [2, 3, 4], before: [1, 2, 3, 4], now: [4] })
  })

  it('make a call fail with the outcome unknown when they can\'t be stored, and emit() reject', async () => {
    const host = await start({ services: [OrderService] })
    const caller = await start({ remotes: ['orders'] })
    const bad = { n: 1, retry: () => {} }
    const { shipped } = host.resolve(OrderService)
    const data = { code: 'MESH_EVENT_NOT_STORED', outcome: 'unknown' }
    expect(await rejection(shipped.emit(bad))).toMatchObject({ data })
    void shipped.emit(bad)
    await until('both to be counted', () => host.counters().unstoredEvents === 2)
    await ship(caller, 1)
  })

  it('can be those of plain services, which name them in an option', async () => {
    const app = feathers<{ notes: Service }>()
    app.use('notes', new MemoryService() as unknown as Service, { durableEvents: ['created'] })
    const host = await start({ app })
    const member = await start({ remotes: ['notes'] })
    const texts: string[] = []
    member.remote<{ create (data: { text: string }): Promise<{ text: string }> }>('notes')
      .on('created', ({ text }) => { texts.push(text) }, { durable: 'notes' })
    await host.app.service('notes').create({ text: 'a' })
    await until('it', () => texts.length > 0)
    expect(texts).toEqual(['a'])
    const use = (options: { durableEvents: string[], allow?: string[] }) => (): unknown =>
      app.use('others' as 'notes', new MemoryService() as unknown as Service, options)
    expect(use({ durableEvents: ['gone'] }))
      .toThrow("'others': durableEvents names 'gone', which is no event that it offers")
    expect(use({ durableEvents: ['created'], allow: ['a'] }))
      .toThrow("'others': a durable event has no allow")
  })

  it('are refused by cote, both on hosts and on listeners, with the remedy', async () => {
    for (const options of [{ services: [OrderService] }, { listeners: [Billing] }]) {
      expect(() => DistributedModule.forRoot({ ...options, transport: 'cote' })).toThrow(/keeps no events: use NATS/)
    }
    const node = DistributedModule.forRoot({ transport: 'cote' })
    const { shipped } = { shipped: 'shipped' as const }
    expect(() => node.remote(OrderService).on(shipped, () => {}, { durable: 'a' })).toThrow(/keeps no events: use NATS/)
    expect(() => node.deadLetters).toThrow(/keeps no events/)
  })

  it('are refused with an allow, and with wrong options of listeners', () => {
    @Distributed({ path: 'secrets', allow: ['office'] })
    class Secrets {
      @DistributedEvent({ durable: true }) readonly told!: DurableEvent<string>
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    class Wrong {
      @OnRemoteEvent(OrderService, 'shipped', { durable: 'a', ackTimeout: 1, from: new Date(Number.NaN) })
      one (): void {}
      // @ts-expect-error -- only members of durable groups are in order
      @OnRemoteEvent(OrderService, 'shipped', { group: 'a', ordered: true }) two (): void {}
      // @ts-expect-error -- one group, or none
      @OnRemoteEvent(OrderService, 'shipped', { group: 'a', durable: 'b' }) three (): void {}
    }
    const build = (options: DistributedModuleOptions) => (): unknown =>
      DistributedModule.forRoot({ transport: network.transport(), ...options })
    expect(build({ services: [Secrets] })).toThrow('Secrets#told: a durable event has no allow')
    expect(build({ listeners: [Wrong] })).toThrow(/ackTimeout must be a whole number from 100/)
    expect(build({ listeners: [Wrong] })).toThrow(/from must be 'start', a valid Date, or the number of an event/)
    expect(build({ listeners: [Wrong] })).toThrow(/no option 'ordered', which only members of a durable group have/)
    expect(build({ listeners: [Wrong] })).toThrow('a durable group is a group, so leave { group } out')
  })

  it('tell who listens by a path of an event that its host does not keep', async () => {
    const texts: string[] = []
    const logger = { ...silentLogger, warn: (_record: LogRecord, text: string) => { texts.push(text) } }
    const member = await start({ logger })
    const orders = member.remote<{ seen: DurableEvent<Order> }>('orders')
    orders.on('seen', () => {}, { durable: 'a' })
    await start({ services: [OrderService] })
    await until('the warning', () => texts.some(text => text.includes("has no durable group 'a'")))
    expect(() => orders.on('seen', () => {}, { durable: 'b' })).toThrow("it has no durable group 'b'")
  })
})
