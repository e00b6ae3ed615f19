import { connect, type NatsConnection } from '@nats-io/transport-node'
import { nats } from 'feathers-mesh/nats'
import type { Transport } from 'feathers-mesh'
import { Subjects } from '../../../lib/transport/nats/subjects'
import { ConformanceNode } from '../../../lib/testing/conformance-node'
import { until } from '../../until'
import { hasNats, NatsServer } from './nats-server'

const MAX_PEERS = 5_000
const MAX_LOST = 1_000
const MAX_IN_FLIGHT = 2_048
const CONTRACT = { path: 'todos', methods: [], events: [] }

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a node on NATS', () => {
  const subjects = new Subjects('mesh', '')
  const transports: Transport[] = []
  let server: NatsServer
  let stranger: NatsConnection

  beforeAll(async () => {
    server = await NatsServer.start()
    stranger = await connect({ servers: server.url })
  })
  afterAll(async () => {
    await stranger.close()
    await server.stop()
  })
  afterEach(async () => { await Promise.all(transports.splice(0).map(async transport => await transport.stop(0))) })

  async function start (id: string): Promise<ConformanceNode> {
    const transport = nats(server.url).make({ environment: '' })
    transports.push(transport)
    const node = new ConformanceNode(id, transport)
    node.offered = [CONTRACT]
    await transport.start(node)
    return node
  }

  it('has 5000 peers at most, and remembers 1000 that were lost', async () => {
    const node = await start('node')
    let refused = 0
    const onRejected = node.onRejected.bind(node)
    Object.assign(node, { onRejected: (...args: Parameters<typeof onRejected>) => {
      if (args[0] === 'crowdedOut') refused++
      onRejected(...args)
    } })
    for (let n = 0; n < MAX_PEERS + 50; n++) {
      stranger.publish(subjects.hello('crowd'), JSON.stringify({ id: `n${n}`, key: 'crowd', life: 'abc.1', revision: 0 }))
    }
    await until('a refusal', () => refused > 0)
    expect(refused).toBe(50)
    // The server says at once that none of them is there.
    await until('all to be gone', () => keptBy(node).peers === 0)
    expect(keptBy(node).lost).toBeLessThanOrEqual(MAX_LOST)
  }, 60_000)

  it('serves 2048 requests of a peer at a time', async () => {
    const [host, caller] = await Promise.all([start('host'), start('caller')])
    await until('each to know the other', () => host.peers.has('caller') && caller.peers.has('host'))
    const sent = Array.from({ length: MAX_IN_FLIGHT + 10 }, (_, data) => caller.send('host', { data }))
    await until('refusals', () => sent.filter(({ told }) => told.length > 0).length === 10)
    expect(host.calls).toHaveLength(MAX_IN_FLIGHT)
  })
})

/** How many peers a node has, and how many lost ones it remembers: found wherever its transport keeps them. */
function keptBy (node: ConformanceNode): { readonly peers: number, readonly lost: number } {
  const peers: unknown = Reflect.get(Object(Reflect.get(node.transport, 'node')), 'peers')
  const sizeOf = (name: string): number => (Reflect.get(Object(peers), name) as Map<string, unknown>).size
  return { peers: sizeOf('byToken'), lost: sizeOf('lost') }
}
