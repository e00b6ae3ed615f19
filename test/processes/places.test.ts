import type { NodeInfo } from '../../lib/module/distributed-module'
import { TestProcesses, type TestProcess } from '../process'
import { freePort } from '../free-port'
import { SECRET } from '../security/mesh-of'
import { DnsServer, hasDns } from '../transport/cote/discovery/dns-server'
import { hasRedis, RedisServer } from '../transport/cote/discovery/redis-server'

const NAME = 'todos.mesh.test'

const processes = new TestProcesses()

/** The ids of the nodes that a program sees. */
async function nodesOf (program: TestProcess): Promise<string[]> {
  return (await program.ask<NodeInfo[]>('nodes')).map(({ id }) => id)
}

type Variables = Readonly<Record<string, string>>

/** Variables of the host and of the consumer. */
type Meeting = readonly [ofHost: Variables, ofConsumer: Variables]

const finallyDo: Array<() => Promise<void>> = []

afterEach(async () => { for (const end of finallyDo.splice(0)) await end() })

async function byBroadcast (): Promise<Meeting> {
  const variables = { MESH_DISCOVERY: 'broadcast://127.255.255.255' }
  return [variables, variables]
}

async function byRedis (): Promise<Meeting> {
  const server = await RedisServer.start()
  finallyDo.push(async () => await server.kill())
  const variables = { MESH_DISCOVERY: server.url }
  return [variables, variables]
}

async function byList (): Promise<Meeting> {
  const places = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const variables = { MESH_DISCOVERY: `static://${places.join(',')}`, MESH_SECRET: SECRET }
  return [{ ...variables, MESH_LISTEN: places[0] }, { ...variables, MESH_LISTEN: places[1] }]
}

async function byDns (): Promise<Meeting> {
  // Polls are a minute apart.
  const server = await DnsServer.start({ [NAME]: ['127.0.0.2', '127.0.0.3'] }, '--local-ttl=60')
  finallyDo.push(async () => await server.end())
  const discovery = `dns://${NAME}:${await freePort()}?server=${server.place}`
  const variables = { MESH_DISCOVERY: discovery, MESH_SECRET: SECRET }
  return [{ ...variables, MESH_LISTEN: '127.0.0.2' }, { ...variables, MESH_LISTEN: '127.0.0.3' }]
}

const ways: Array<[url: string, meet: () => Promise<Meeting>]> = [['broadcast://', byBroadcast], ['static://', byList]]
if (hasRedis) ways.push(['redis://', byRedis])
if (hasDns) ways.push(['dns://', byDns])

describe.each(ways)('a host and a consumer, of which no line is changed, when MESH_DISCOVERY is %s…', (_url, meet) => {
  it.each(['host', 'consumer'])('find each other when the %s starts first, and say nothing', async first => {
    const [ofHost, ofConsumer] = await meet()
    const host = await processes.run('host', ofHost)
    const consumer = await processes.run('consumer', ofConsumer)
    if (first === 'host') await host.ask('start')
    const starting = consumer.ask('start')
    if (first === 'consumer') {
      await consumer.until('the consumer to be there', async () => (await nodesOf(consumer)).length === 1)
      await host.ask('start')
    }
    await starting
    expect(await consumer.ask('open')).toEqual(['Water the plants', 'A'])
    expect(host.printed + consumer.printed).toBe('')
  })
})

describe('the same programs when MESH_DISCOVERY is a list', () => {
  it('lose a host that is killed, and find the one that takes its place', async () => {
    const port = await freePort()
    const host = { MESH_LISTEN: `127.0.0.1:${port}`, MESH_DISCOVERY: `static://127.0.0.9:${port}` }
    const first = await processes.run('host', host)
    await first.ask('start')
    const consumer = await processes.run('consumer', { MESH_DISCOVERY: `static://127.0.0.1:${port}` })
    await consumer.ask('start')
    await first.kill()
    await consumer.until('the host to be gone', async () => (await nodesOf(consumer)).length === 1)
    const second = await processes.run('host', { ...host, REPLICA: 'B' })
    await second.ask('start')
    expect(await consumer.ask('open')).toEqual(['Water the plants', 'B'])
  })
})

const describeWithDns = hasDns ? describe : describe.skip

describeWithDns('the same programs when MESH_DISCOVERY is a name in DNS', () => {
  it('ask at once where others are when a host is killed', async () => {
    const port = await freePort()
    // Polls are a minute apart.
    const server = await DnsServer.start({ [NAME]: ['127.0.0.2', '127.0.0.3'] }, '--local-ttl=60')
    finallyDo.push(async () => await server.end())
    const variables = { MESH_DISCOVERY: `dns://${NAME}:${port}?server=${server.place}`, MESH_SECRET: SECRET }
    const first = await processes.run('host', { ...variables, MESH_LISTEN: '127.0.0.2' })
    await first.ask('start')
    const consumer = await processes.run('consumer', { ...variables, MESH_LISTEN: '127.0.0.3' })
    await consumer.ask('start')
    await server.change({ [NAME]: ['127.0.0.3', '127.0.0.4'] })
    // It knows nobody, and is found by the record alone.
    const second = await processes.run('host', {
      ...variables, MESH_DISCOVERY: `static://127.0.0.9:${port}`, MESH_LISTEN: `127.0.0.4:${port}`, REPLICA: 'B'
    })
    await second.ask('start')
    expect(await nodesOf(consumer)).toHaveLength(2)
    await first.kill()
    await consumer.until('the other host', async () => {
      const nodes = await nodesOf(consumer)
      return nodes.length === 2 && nodes.includes(await second.ask<string>('id'))
    })
    expect(await consumer.ask('open')).toEqual(['Water the plants', 'B'])
  })
})
