import type { DistributedModuleOptions, NodeInfo } from 'feathers-mesh'
import type { TestProcess } from '../process'
import { DnsServer, hasDns } from '../transport/cote/discovery/dns-server'
import { hasRedis, RedisServer } from '../transport/cote/discovery/redis-server'
import { MeshProcesses, nodesToBe } from './mesh-processes'
import { TwoHosts, whyNoNamespaces } from './namespaces'

jest.setTimeout(60_000)

const impossible = process.env.CI === undefined ? whyNoNamespaces() : undefined
if (impossible !== undefined) console.warn(`two hosts can't be made here, so nothing is said of them: ${impossible}`)
const describeWhere = impossible === undefined ? describe : describe.skip

const PORT = 4100

/** How the two find each other, and the end of what they find each other by. */
interface Met {
  readonly discovery: string
  readonly end?: () => Promise<void>
}

type Side = 0 | 1
type Way = readonly [name: string, meet: (hosts: TwoHosts) => Promise<Met>, sides: readonly Side[]]

const NAME = 'jobs.test'

const ways: readonly Way[] = [
  ['by broadcast', async () => ({ discovery: `broadcast://${TwoHosts.BROADCAST}` }), [0, 1]],
  // It needs no more than one of them.
  ['by a list of one', async ({ addresses }) => ({ discovery: `static://${addresses[0]}:${PORT}` }), [0]],
  // The cut takes the server from the caller alone.
  ...hasRedis ? [['by Redis', byRedis, [0]] as const] : [],
  ...hasDns ? [['by DNS', byDns, [0]] as const] : []
]

async function byRedis (hosts: TwoHosts): Promise<Met> {
  const server = await RedisServer.in(hosts.addresses[0], hosts.on(0))
  return { discovery: server.url, end: async () => await server.kill() }
}

async function byDns (hosts: TwoHosts): Promise<Met> {
  const server = await DnsServer.in(hosts.addresses[0], hosts.on(0), { [NAME]: hosts.addresses })
  return { discovery: `dns://${NAME}:${PORT}?server=${server.place}`, end: async () => await server.end() }
}

const WHERE = ['of the service', 'of the caller'] as const

describeWhere.each(ways)('two hosts that find each other %s, whose network is cut', (_way, meet, sides) => {
  const mesh = new MeshProcesses()
  const hosts = new TwoHosts()
  let met: Met
  let host: TestProcess
  let consumer: TestProcess
  let lastId = 0

  beforeEach(async () => {
    hosts.remove()
    hosts.create()
    met = await meet(hosts)
  })
  afterEach(async () => {
    await met.end?.()
    hosts.remove()
  })

  const optionsOf = (side: Side, cote: DistributedModuleOptions['cote'] = {}): DistributedModuleOptions => ({
    insecure: true,
    timeout: 10_000,
    discovery: met.discovery,
    listen: `${hosts.addresses[side]}:${PORT}`,
    cote
  })

  async function start (cote: DistributedModuleOptions['cote'] = {}): Promise<void> {
    [host, consumer] = await Promise.all([
      mesh.startHost('A', optionsOf(0, cote), hosts.on(0)), mesh.startConsumer(optionsOf(1, cote), hosts.on(1))
    ])
    await consumer.ask('watch')
    await nodesToBe(consumer, [host])
    await callIsAnswered(5_000)
    await eventIsHeard()
  }

  const call = async (timeout: number): Promise<unknown> =>
    await consumer.ask('call', { id: `job-${++lastId}`, options: { timeout } })

  async function callIsAnswered (timeout: number): Promise<void> {
    expect(await call(timeout)).toBe('A')
  }

  /** An event comes through, and each one once. */
  async function eventIsHeard (): Promise<void> {
    const heard = await consumer.until('an event', async () => {
      await host.ask('note', `note ${++lastId}`)
      const notes = consumer.told<string>('noted')
      return notes.length > 0 ? notes : undefined
    })
    expect(new Set(heard).size).toBe(heard.length)
    const last = `note ${++lastId}`
    await host.ask('note', last)
    await consumer.until('the last event', () => consumer.told('noted').includes(last))
    expect(consumer.told('noted').filter(note => note === last)).toHaveLength(1)
  }

  async function isAsBefore (): Promise<void> {
    // A call that is made as the network is back is answered soon: hellos and TCP's own patience would take longer.
    await callIsAnswered(5_000)
    await nodesToBe(consumer, [host])
    await host.until('the consumer, once', async () => (await host.ask<NodeInfo[]>('nodes')).length === 2)
    consumer.events.splice(0)
    await eventIsHeard()
  }

  const bySide = sides.map(side => [WHERE[side], side] as const)

  it.each(bySide)(
    'resume calls and deliver each event once after a short cut at the side %s', async (_where, side) => {
      await start()
      hosts.cut(side)
      // TCP backs off exponentially: after these seconds it would wait too long.
      for (let n = 0; n < 7; n++) {
        await expect(call(1_000)).rejects.toMatchObject({ data: { path: 'jobs', method: 'read' } })
      }
      hosts.restore(side)
      await isAsBefore()
    })

  it.each(bySide)(
    'forget each other and reconnect when the cut at the side %s outlasts the node timeout', async (_where, side) => {
      await start({ helloInterval: 500, nodeTimeout: 1_500, checkInterval: 200 })
      hosts.cut(side)
      await nodesToBe(consumer, [])
      await host.until('nobody else', async () => (await host.ask<NodeInfo[]>('nodes')).length === 1)
      await expect(call(1_500)).rejects.toMatchObject({ name: 'Unavailable', data: { outcome: 'not-sent' } })
      hosts.restore(side)
      await isAsBefore()
    })
})
