import type { Contract, Transport } from 'feathers-mesh'
import type { EventGap, EventMessage } from 'feathers-mesh/transport'
import { BareNode } from '../../bare-node'
import { until } from '../../until'
import { CoteUnderTest } from './cote-under-test'
import { DiscoveryPort, FakeResponder, hello, seeded } from './wire'

const contract: Contract = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['created'] }
const PATIENCE = 30_000
const ROUNDS = 8
const KIBIBYTE = 1_024

let meshes = 0
let stops: Transport[] = []

afterEach(async () => {
  await Promise.all(stops.map(async transport => await transport.stop(0)))
  stops = []
})

/** A publisher, and listeners that are subscribed to it. */
class World {
  readonly environment = `losses-${process.pid}-${++meshes}`
  readonly mesh = new CoteUnderTest({ environment: this.environment, maxBacklog: 256 * KIBIBYTE })
  readonly hooks = this.mesh.hooks()
  published = 0

  async node (id: string, contracts: readonly Contract[] = []): Promise<BareNode> {
    const transport = this.mesh.transport()
    stops.push(transport)
    return await new BareNode(transport, { id: `${id}-${meshes}`, contracts }).start()
  }

  async pair (): Promise<readonly [host: BareNode, listener: BareNode]> {
    const [host, listener] = [await this.node('host', [contract]), await this.node('listener')]
    listener.transport.subscribe('todos')
    await until('the subscription', () => host.listeners.length === 1)
    // A first event tells that the answer has come.
    await until('an event', () => {
      this.publish(host)
      return numbers(listener).length > 0
    })
    return [host, listener]
  }

  publish (host: BareNode, count = 1, size = 200): void {
    for (let n = 0; n < count; n++) host.transport.publish(event(this.published++, size))
  }
}

const event = (n: number, size: number): EventMessage =>
  ({ path: 'todos', key: 'default', event: 'created', args: [n, 'x'.repeat(size)] })

const numbers = ({ events }: BareNode): number[] =>
  events.filter(({ event: name }) => name === 'created').map(({ args: [n] }) => Number(n))

const gaps = ({ events }: BareNode): EventGap[] =>
  events.filter(({ event: name }) => name === 'gap').map(({ args: [gap] }) => gap as EventGap)

const missed = (node: BareNode): number => gaps(node).reduce((sum, gap) => sum + (gap.missed ?? 0), 0)

const inOrder = (list: readonly number[]): boolean => list.every((n, at) => at === 0 || list[at - 1] < n)

describe('events of a node', () => {
  it.each([1, 2, 3, 4])('are heard or counted, in order and once, whatever befalls them (seed %i)', async seed => {
    const random = seeded(seed)
    const world = new World()
    const [host, listener] = await world.pair()
    for (let round = 0; round < ROUNDS; round++) {
      world.publish(host, Math.floor(random() * 300), Math.floor(random() * 2 * KIBIBYTE))
      const fault = random()
      if (fault < 0.4) await world.hooks.cut?.(host.id, listener.id)
      else if (fault < 0.7) {
        const resume = await world.hooks.deafen?.(listener.id)
        world.publish(host, Math.floor(random() * 1_000), 2 * KIBIBYTE)
        await resume?.()
      }
      world.publish(host, Math.floor(random() * 100))
      // Who is cut off while the publisher leaves can't learn how many events that costs.
      if (fault < 0.4 || random() < 0.5) {
        await until('all', () => numbers(listener).length + missed(listener) >= world.published, PATIENCE)
      }
    }
    await host.transport.stop(PATIENCE)
    await until('the end', () => listener.finished.includes(host.id), PATIENCE)
    expect(inOrder(numbers(listener))).toBe(true)
    expect(numbers(listener).length + missed(listener)).toBe(world.published)
  }, 2 * PATIENCE)

  it.each([5, 6])('are a part of what it published, and a gap follows, when it is killed (seed %i)', async seed => {
    const random = seeded(seed)
    const world = new World()
    const [host, listener] = await world.pair()
    world.publish(host, Math.floor(random() * 2_000), KIBIBYTE)
    await world.hooks.kill?.(host.id)
    await until('the end', () => listener.finished.includes(host.id), PATIENCE)
    expect(inOrder(numbers(listener))).toBe(true)
    expect(listener.events.at(-1)?.event).toBe('gap')
    expect(gaps(listener).filter(gap => gap.missed === undefined)).toEqual([{ reason: 'disconnected' }])
  }, 2 * PATIENCE)

  it('don\'t keep it longer than it has to leave when a subscriber reads nothing', async () => {
    const world = new World()
    const [host, frozen] = await world.pair()
    const listener = await world.node('other')
    listener.transport.subscribe('todos')
    await until('both subscriptions', () => host.listeners.length === 2)
    const resume = await world.hooks.deafen?.(frozen.id)
    const before = numbers(listener).length
    world.publish(host, 5_000, KIBIBYTE)
    // The other one reads as fast as this machine does.
    await host.transport.stop(3_000)
    await until('the end of the one', () => listener.finished.includes(host.id), PATIENCE)
    // Each event came or is counted. What it did not get before it subscribed may be counted as well.
    expect(gaps(listener)).not.toContainEqual({ reason: 'disconnected' })
    expect(numbers(listener).length - before + missed(listener)).toBeGreaterThanOrEqual(5_000)
    await resume?.()
    await until('the end of the other', () => frozen.finished.includes(host.id), PATIENCE)
    expect(gaps(frozen)).not.toEqual([])
  }, 2 * PATIENCE)
})

describe('a node that is connected', () => {
  it('keeps its calls and events when somebody else says hello with its id', async () => {
    const refused = jest.spyOn(BareNode.prototype, 'onRejected').mockImplementation(() => {})
    const world = new World()
    const [host, caller] = await world.pair()
    const [discovery, place] = [new DiscoveryPort(), new FakeResponder(socket => socket.resume())]
    await discovery.open()
    try {
      const port = await place.listen()
      await until('the refusal', async () => {
        await discovery.send(hello(host.id, world.environment, port))
        return refused.mock.calls.some(([reason]) => reason === 'claimedId')
      })
      world.publish(host)
      await until('the event', () => numbers(caller).at(-1) === world.published - 1)
      host.answer = call => call.reply(null, 'the real one')
      expect(await caller.ask(host.id, { path: 'todos' })).toBe('the real one')
      expect([place.connections.length, gaps(caller)]).toEqual([0, []])
    } finally {
      refused.mockRestore()
      await discovery.close()
      await place.close()
    }
  })
})
