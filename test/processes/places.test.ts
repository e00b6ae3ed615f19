import type { NodeInfo } from '../../lib/module/distributed-module'
import { TestProcesses, type TestProcess } from '../process'
import { freePort, SECRET } from '../security/mesh-of'
import { DnsServer, hasDns } from '../transport/cote/discovery/dns-server'

const NAME = 'todos.mesh.test'

const processes = new TestProcesses()

/** The ids of the nodes that a program sees. */
async function nodesOf (program: TestProcess): Promise<string[]> {
  return (await program.ask<NodeInfo[]>('nodes')).map(({ id }) => id)
}

/** Starts the programs at these places, one of them first: the consumer calls the host, and neither says a word. */
async function findEachOther (
  first: string, variables: Readonly<Record<string, string>>, [ofHost, ofConsumer]: readonly [string, string]
): Promise<void> {
  const host = await processes.run('host', { ...variables, MESH_LISTEN: ofHost })
  const consumer = await processes.run('consumer', { ...variables, MESH_LISTEN: ofConsumer })
  if (first === 'host') await host.ask('start')
  const starting = consumer.ask('start')
  if (first === 'consumer') {
    await consumer.until('the consumer to be there', async () => (await nodesOf(consumer)).length === 1)
    await host.ask('start')
  }
  await starting
  expect(await consumer.ask('open')).toEqual(['Water the plants', 'A'])
  expect(host.printed + consumer.printed).toBe('')
}

describe('the programs of a host and a consumer, of which no line is changed, when MESH_DISCOVERY is a list', () => {
  it.each(['host', 'consumer'])('find each other when the %s starts first', async first => {
    const [ofHost, ofConsumer] = [await freePort(), await freePort()]
    const variables = { MESH_DISCOVERY: `static://127.0.0.1:${ofHost},127.0.0.1:${ofConsumer}`, MESH_SECRET: SECRET }
    await findEachOther(first, variables, [`127.0.0.1:${ofHost}`, `127.0.0.1:${ofConsumer}`])
  })

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
  let server: DnsServer
  let variables: Record<string, string>
  let port: number

  async function begin (addresses: readonly string[]): Promise<void> {
    port = await freePort()
    // Polls are a minute apart.
    server = await DnsServer.start({ [NAME]: addresses }, '--local-ttl=60')
    variables = { MESH_DISCOVERY: `dns://${NAME}:${port}?server=${server.place}`, MESH_SECRET: SECRET }
  }

  afterEach(async () => await server.end())

  it.each(['host', 'consumer'])('find each other when the %s starts first', async first => {
    await begin(['127.0.0.2', '127.0.0.3'])
    await findEachOther(first, variables, ['127.0.0.2', '127.0.0.3'])
  })

  it('ask at once where others are when a host is killed', async () => {
    await begin(['127.0.0.2', '127.0.0.3'])
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
