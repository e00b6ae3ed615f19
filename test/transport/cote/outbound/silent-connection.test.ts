import { randomUUID } from 'node:crypto'
import { DistributedModule, type EventGap } from 'feathers-mesh'
import { Liveness } from '../../../../lib/transport/cote/outbound/watch/liveness'
import { TodoService } from '../../../todo-service'
import { rejection, until } from '../../../until'
import { SilentProxy } from '../silent-proxy'
import { DiscoveryPort, hello } from '../wire'

const title = 'Water the plants'

/** The consumer checks its connections once a second; after this number of checks, any repair has happened. */
const LOOKS = 6

let discovery: DiscoveryPort
let host: DistributedModule
let consumer: DistributedModule
let proxy: SilentProxy
let todos: ReturnType<typeof remoteTodos>

const remoteTodos = () => consumer.remote<TodoService>('todos')
const idOf = (node: DistributedModule): string => node.nodes()[0]?.id ?? ''
const others = (): string[] => consumer.nodes().slice(1).map(({ id }) => id)

beforeEach(async () => {
  discovery = new DiscoveryPort()
  await discovery.open()
  // The two don't see each other: the consumer knows the host by a hello that names the port of the proxy.
  const [here, there] = [randomUUID(), randomUUID()]
  const node = (environment: string): object => ({ cote: { environment, idleTimeout: 600_000 }, drainTimeout: 1_000 })
  host = DistributedModule.forRoot({ services: [TodoService], ...node(there) })
  consumer = DistributedModule.forRoot({ ...node(here), timeout: 15_000, retries: 0 })
  await Promise.all([host.start(), consumer.start()])
  const { data: { advertisement } } = await discovery.answerOf(idOf(host))
  proxy = new SilentProxy(advertisement.port)
  const port = await proxy.listen()
  todos = remoteTodos()
  await until('the host, by the proxy', async () => {
    await discovery.send(hello(idOf(host), here, port))
    return others().length === 1
  })
  expect(await todos.create({ title })).toMatchObject({ title })
})

afterEach(async () => {
  jest.restoreAllMocks()
  // First: nodes that leave wait for the other side of their connections.
  await proxy.close()
  await Promise.all([consumer.stop(), host.stop()])
  await discovery.close()
})

/** Subscribes, and returns the events that arrive once the subscription works. */
async function listening (): Promise<unknown[]> {
  const heard: unknown[] = []
  todos.on('created', todo => heard.push(todo.title)).on('gap', gap => heard.push(gap))
  await until('events', async () => {
    // Its event comes before its reply.
    await todos.create({ title: 'heard' })
    return heard.length > 0
  })
  heard.length = 0
  return heard
}

/**
 * Waits until an event arrives after a lost connection. The word that some may be missed comes before the new
 * connection is subscribed: each event until then is missed, and the consumer is told how many they are.
 */
async function hearsAgain (heard: readonly unknown[], create: (title: string) => Promise<unknown>): Promise<void> {
  const titles: string[] = []
  await until('an event', async () => {
    const title = `after it, ${titles.length}`
    titles.push(title)
    await create(title)
    return heard.some(item => typeof item === 'string')
  })
  await until('the last one', () => heard.includes(titles.at(-1)))
  const arrived = heard.filter(item => typeof item === 'string')
  const [first, ...rest] = heard.filter(item => typeof item !== 'string') as EventGap[]
  const missed = rest.reduce((sum, gap) => sum + (gap.missed ?? NaN), 0)
  expect(first).toEqual({ reason: 'disconnected' })
  expect(arrived).toEqual(titles.slice(missed))
}

/** Counts the looks from now on. */
function looks (): () => number {
  const check = jest.spyOn(Liveness.prototype, 'check')
  return () => check.mock.calls.length
}

describe('a dead connection that neither side has noticed', () => {
  it('is replaced by a working one, and its pending calls are rejected', async () => {
    const heard = await listening()
    proxy.silence()
    const error = await rejection(todos.create({ title: 'lost' }))
    expect(error).toMatchObject({ name: 'Unavailable', data: { node: idOf(host), outcome: 'unknown' } })
    expect(proxy.made).toBe(2)
    expect(host.resolve(TodoService).todos.map(todo => todo.title)).not.toContain('lost')
    // The node was there all the time, and is there once.
    expect(others()).toEqual([idOf(host)])

    await until('the word that some may be missed', () => heard.length > 0)
    await hearsAgain(heard, title => todos.create({ title }))
  })

  it('is replaced even if only events are expected on it', async () => {
    const heard = await listening()
    proxy.silence()
    await until('the word that some may be missed', () => heard.length > 0, 15_000)
    await hearsAgain(heard, title => host.app.service('todos').create({ title }))
  })

  it('is replaced by the liveness check and nothing else', async () => {
    const check = jest.spyOn(Liveness.prototype, 'check').mockImplementation(() => {})
    proxy.silence()
    let error: unknown
    const call = todos.find().catch(reason => { error = reason })
    await until('looks that would have found it', () => check.mock.calls.length >= LOOKS, 15_000)
    expect([error, proxy.made, others()]).toEqual([undefined, 1, [idOf(host)]])
    proxy.goOn()
    await call
    expect(error).toBeUndefined()
  })
})

describe('a network on which new connections stay silent too', () => {
  it('leaves the old connection open, and its calls succeed when the network recovers', async () => {
    const looked = looks()
    proxy.silence({ newOnes: true })
    const call = todos.create({ title: 'late' })
    await until('looks, and a new connection', () => looked() >= LOOKS && proxy.made > 1, 15_000)
    expect(others()).toEqual([idOf(host)])
    proxy.goOn()
    expect(await call).toMatchObject({ title: 'late' })
    expect(host.resolve(TodoService).todos.filter(todo => todo.title === 'late')).toHaveLength(1)
  })
})
