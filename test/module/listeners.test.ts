import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, InjectRemote, OnRemoteEvent,
  type EventGap, type RemoteEventContext, type RemoteService, type ServiceEvent
} from 'feathers-mesh'
import { IsInt, IsString } from 'class-validator'
import { inject, injectable } from 'tsyringe'
import { memoryMesh } from '../memory-mesh'
import { rejection, until } from '../until'
import { warnings } from '../warnings'

const mesh = memoryMesh()

class Order {
  @IsInt() id!: number
  @IsString() customer!: string
}

@Distributed('orders')
class OrderService {
  @DistributedEvent({ payload: Order }) readonly shipped!: ServiceEvent<Order>
  @DistributedEvent() readonly counted!: ServiceEvent<number>
  @DistributedEvent() readonly packed!: ServiceEvent<Order>

  @DistributedMethod({ data: Object })
  async ship (order: Order): Promise<number> {
    this.shipped.emit(order)
    this.packed.emit(order)
    this.counted.emit(order.id)
    return order.id
  }
}

/** What the listeners of a test heard. */
class Diary {
  readonly lines: string[] = []
}

@injectable()
class Billing {
  constructor (
    private readonly diary: Diary, @InjectRemote(OrderService) private readonly orders: RemoteService<OrderService>
  ) {}

  @OnRemoteEvent(OrderService, 'shipped', { group: 'billing' })
  async bill (order: Order, { event, path }: RemoteEventContext): Promise<void> {
    await Promise.resolve()
    const kind = order instanceof Order ? 'Order' : 'object'
    this.diary.lines.push(`${event} of ${path}: ${kind} ${order.id}, ${typeof this.orders.ship}`)
  }

  @OnRemoteEvent<OrderService>('orders', 'counted')
  count (count: number): void {
    this.diary.lines.push(`counted ${count}`)
  }

  @OnRemoteEvent(OrderService, 'gap')
  onGap ({ reason }: EventGap): void {
    this.diary.lines.push(`gap: ${reason}`)
  }
}

interface Shop {
  readonly host: DistributedModule
  readonly node: DistributedModule
  readonly diary: Diary
  readonly ship: (id: unknown) => Promise<unknown>
}

const sorted = (diary: Diary): string[] => [...diary.lines].sort()

/** A host of orders, and a node with listeners. */
async function shop (...listeners: Array<new (...args: never[]) => object>): Promise<Shop> {
  const host = await mesh.start({ services: [OrderService] })
  const node = await mesh.start({ listeners })
  const ship = async (id: unknown): Promise<unknown> =>
    await host.remote(OrderService).ship({ id: id as number, customer: 'Ann' })
  return { host, node, diary: node.resolve(Diary), ship }
}

describe('the listeners of a node', () => {
  it('are built with what they inject, and hear the events that their methods name', async () => {
    const { ship, node } = await shop(Billing)
    const [diary] = [Reflect.get(node.resolve(Billing), 'diary') as Diary]
    await ship(7)
    await until(() => diary.lines.length >= 2)
    expect(sorted(diary)).toEqual(['counted 7', 'shipped of orders: Order 7, function'])
    expect(node.resolve(Billing)).toBe(node.resolve(Billing))
  })

  it('may be services of the node, which need not be listed', async () => {
    const heard: unknown[] = []
    @Distributed('mail')
    class MailService {
      @DistributedMethod() async find (): Promise<string[]> { return [] }
      @OnRemoteEvent(OrderService, 'shipped', { group: 'mail' })
      send (order: Order): void { heard.push([this, order.id]) }
    }
    const node = await mesh.start({ services: [OrderService, MailService] })
    await node.remote(OrderService).ship({ id: 3, customer: 'Bob' })
    await until(() => heard.length > 0)
    expect(heard).toEqual([[node.resolve(MailService), 3]])
  })

  it('get payloads that fit their class, and warn of others', async () => {
    const told = warnings()
    const heard: unknown[] = []
    class Strict {
      @OnRemoteEvent<OrderService, 'packed'>('orders', 'packed', { group: 'strict' })
      byType (order: Order): void { heard.push(order) }

      @OnRemoteEvent(OrderService, 'shipped', { group: 'by-event' })
      byEvent (order: { id: number }): void { heard.push(order) }

      @OnRemoteEvent(OrderService, 'packed', { payload: Order })
      byOption (order: { id: number }): void { heard.push(order) }
    }
    const { ship } = await shop(Strict)
    await ship('seven')
    await ship(8)
    await until(() => heard.length === 3)
    expect(heard.every(order => order instanceof Order && order.id === 8)).toBe(true)
    expect(told.filter(text => text.includes('id must be an integer')).map(text => text.split(',')[0]).sort())
      .toEqual(['Strict#byEvent', 'Strict#byOption', 'Strict#byType'])
  })

  it('get events in order, also where the check of one takes longer', async () => {
    const heard: number[] = []
    class Slow {
      @OnRemoteEvent(OrderService, 'shipped') listen (order: Order): void { heard.push(order.id) }
    }
    const { ship } = await shop(Slow)
    await Promise.all(Array.from({ length: 50 }, async (_, n) => await ship(n)))
    await until(() => heard.length === 50)
    expect(heard).toEqual([...heard].sort((one, other) => one - other))
  })

  /** A node that hears its own orders: what it has heard, and the event. */
  async function listening (): Promise<{ heard: number[], shipped: OrderService['shipped'] }> {
    const heard: number[] = []
    class Listening {
      @OnRemoteEvent(OrderService, 'shipped') listen (order: Order): void { heard.push(order.id) }
    }
    const node = await mesh.start({ services: [OrderService], listeners: [Listening] })
    return { heard, shipped: node.resolve(OrderService).shipped }
  }

  it('drop events, with a warning, when a thousand wait for the check of their payloads', async () => {
    const told = warnings()
    const { heard, shipped } = await listening()
    for (let id = 0; id <= 1_000; id++) shipped.emit({ id, customer: 'Eve' })
    await until(() => heard.length === 1_000)
    expect([heard[0], heard.at(-1)]).toEqual([0, 999])
    expect(told).toEqual([expect.stringContaining('1000 others wait for the check of their payloads')])
  })

  it('drop events, with a warning, when long payloads wait for their check, and hear further ones', async () => {
    const told = warnings()
    const { heard, shipped } = await listening()
    const customer = 'x'.repeat(24 * 1024 * 1024)
    for (let id = 0; id < 4; id++) shipped.emit({ id, customer })
    await until(() => heard.length === 2)
    shipped.emit({ id: 4, customer: 'Eve' })
    await until(() => heard.includes(4))
    expect(heard).toEqual([0, 1, 4])
    expect(told).toContainEqual(expect.stringMatching(/as payloads of \d+ bytes wait for their check/))
  })

  it('end no process when they throw or reject, and are named by the warning', async () => {
    const told = warnings()
    class Clumsy {
      @OnRemoteEvent(OrderService, 'shipped') throws (): void { throw new Error('dropped it') }
      @OnRemoteEvent(OrderService, 'shipped', { group: 'clumsy' })
      async rejects (): Promise<void> { throw new Error('lost it') }
    }
    const { ship, host } = await shop(Clumsy)
    await ship(1)
    await until(() => told.length >= 2)
    expect(told.sort()).toEqual([
      "Clumsy#rejects, a listener of 'shipped' of 'orders', threw: lost it",
      "Clumsy#throws, a listener of 'shipped' of 'orders', threw: dropped it"
    ])
    // The same on the node that publishes.
    const alone = await mesh.start({ services: [OrderService], listeners: [Clumsy], key: 'alone' })
    await alone.remote(OrderService).ship({ id: 2, customer: 'Cid' })
    await until(() => told.length >= 4)
    expect(await host.remote(OrderService).ship({ id: 3, customer: 'Dan' })).toBe(3)
  })

  it('are waited for when the node stops, and hear what was sent to them before', async () => {
    const done: number[] = []
    let finish = (): void => {}
    const finished = new Promise<void>(resolve => { finish = resolve })
    class Careful {
      @OnRemoteEvent(OrderService, 'shipped', { group: 'careful' })
      async listen (order: Order): Promise<void> {
        if (order.id === 0) await finished
        done.push(order.id)
      }
    }
    const { ship, node } = await shop(Careful)
    await ship(0)
    await until(() => node.services().length > 0)
    const others = Promise.all([1, 2, 3].map(ship))
    const stopped = node.stop()
    await others
    finish()
    await stopped
    expect(done.sort()).toEqual([0, 1, 2, 3])
  })

  it('hear events again after the node was started again', async () => {
    const heard: number[] = []
    class Loyal {
      @OnRemoteEvent(OrderService, 'shipped', { group: 'loyal' }) listen (order: Order): void { heard.push(order.id) }
    }
    const { ship, node } = await shop(Loyal)
    await ship(1)
    await until(() => heard.length === 1)
    await node.stop()
    await ship(2)
    await node.start()
    await until(async () => {
      await ship(3)
      return heard.includes(3)
    })
    expect(heard).not.toContain(2)
  })
})

describe('forRoot', () => {
  const faultsOf = async (...listeners: unknown[]): Promise<string> => {
    const made = (): DistributedModule =>
      DistributedModule.forRoot({ transport: mesh.transport(), listeners: listeners as never })
    try {
      made()
    } catch (error) {
      return String(error)
    }
    throw new Error('it should be refused')
  }

  it('refuses what is no class, and classes that listen to nothing', async () => {
    class Deaf {}
    expect(await faultsOf('Billing')).toMatch('listeners must be a list of classes')
    expect(await faultsOf({})).toMatch('listeners must be a list of classes')
    expect(await faultsOf(Deaf)).toMatch('Deaf is one of the listeners but has no @OnRemoteEvent')
  })

  it('refuses a class that tsyringe cannot build', async () => {
    class Unmarked {
      constructor (@inject('mailer') readonly mailer: unknown, readonly other: Diary) {}
      @OnRemoteEvent(OrderService, 'shipped') listen (_order: Order): void {}
    }
    expect(await faultsOf(Unmarked)).toMatch(/Unmarked.*@injectable\(\)/)
  })

  it('refuses events that the class does not declare, and those that no service can have', async () => {
    class Wrong {
      // @ts-expect-error -- no such event
      @OnRemoteEvent(OrderService, 'shiped') one (_order: Order): void {}
      // @ts-expect-error -- no such event
      @OnRemoteEvent<OrderService>('orders', 'error') two (_order: Order): void {}
      // @ts-expect-error -- no service
      @OnRemoteEvent(Diary, 'created') three (_order: Order): void {}
      @OnRemoteEvent<OrderService>('', 'counted') four (_count: number): void {}
    }
    const faults = await faultsOf(Wrong)
    expect(faults).toMatch("Wrong#one: OrderService has no event 'shiped'; did you mean 'shipped'?")
    expect(faults).toMatch('Wrong#two: @OnRemoteEvent needs the name of an event that a service can have')
    expect(faults).toMatch('Wrong#three: Diary is asked for as a remote service but has no @Distributed')
    expect(faults).toMatch("Wrong#four: '' is asked for as a remote service")
  })

  it('refuses groups that are no names, and those that two methods share or that a method has twice', async () => {
    class Wrong {
      @OnRemoteEvent(OrderService, 'shipped', { group: '' }) empty (_order: Order): void {}
      @OnRemoteEvent(OrderService, 'shipped', { group: 'ü'.repeat(129) }) long (_order: Order): void {}
      @OnRemoteEvent(OrderService, 'shipped', { group: 'a' }) one (_order: Order): void {}
      @OnRemoteEvent(OrderService, 'shipped', { group: 'a' }) other (_order: Order): void {}
      @OnRemoteEvent(OrderService, 'shipped', { group: 'b' })
      @OnRemoteEvent(OrderService, 'shipped', { group: 'c' })
      twice (_order: Order): void {}

      // @ts-expect-error -- gaps have no groups
      @OnRemoteEvent(OrderService, 'gap', { group: 'd' }) gap (_gap: EventGap): void {}
      // @ts-expect-error -- no such option
      @OnRemoteEvent(OrderService, 'counted', { groups: 'e' }) misspelt (_count: number): void {}
    }
    const faults = await faultsOf(Wrong)
    expect(faults).toMatch("Wrong#empty: 'shipped' of 'orders': group must be a text of 1 to 256 bytes")
    expect(faults).toMatch("Wrong#long: 'shipped' of 'orders': group must be a text of 1 to 256 bytes")
    expect(faults).toMatch("Wrong#one and Wrong#other are both in the group 'a' of 'shipped' of 'orders'")
    expect(faults).toMatch("Wrong#twice listens to 'shipped' of 'orders' twice")
    expect(faults).toMatch("every listener is told each gap, so 'gap' has no group")
    expect(faults).toMatch("a listener has no option 'groups'; there are group and durable")
  })

  it('refuses a durable group of an event that is not durable, and so does a remote', async () => {
    class Keeper {
      // @ts-expect-error -- it is no DurableEvent
      @OnRemoteEvent(OrderService, 'shipped', { durable: 'keeper' }) listen (_order: Order): void {}
    }
    const reason = "is not a durable event, so it has no durable group 'keeper'"
    expect(await faultsOf(Keeper)).toMatch(`Keeper#listen: 'shipped' of 'orders' ${reason}`)
    const node = await mesh.start()
    const listen = async (): Promise<unknown> => {
      await Promise.resolve()
      // @ts-expect-error -- it is no DurableEvent
      return node.remote(OrderService).on('shipped', () => {}, { durable: 'keeper' })
    }
    expect(String(await rejection(listen()))).toMatch(reason)
  })

  it('refuses the decorator on what is no method', async () => {
    class Wrong {
      @OnRemoteEvent(OrderService, 'shipped') listen (_order: Order): void {}
    }
    const decorate = OnRemoteEvent(OrderService, 'shipped') as (target: object, name: string | symbol) => void
    decorate(Wrong.prototype, 'field')
    decorate(Wrong, 'fixed')
    decorate(Wrong.prototype, Symbol('hidden'))
    const faults = await faultsOf(Wrong)
    for (const place of ['on a property', 'on a static member', 'on a symbol']) {
      expect(faults).toMatch(`@OnRemoteEvent can't be ${place}`)
    }
    expect(() => { (OnRemoteEvent as unknown as (target: object, name: string) => void)(Wrong.prototype, 'listen') })
      .toThrow('@OnRemoteEvent needs its parentheses')
  })

  it('needs the services of the listeners as it needs remotes', async () => {
    const node = DistributedModule.forRoot({ transport: mesh.transport(), listeners: [Billing], timeout: 50 })
    try {
      expect(await rejection(node.start())).toMatchObject({ code: 503 })
    } finally {
      await node.stop()
    }
  })
})
