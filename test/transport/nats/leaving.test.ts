import { connect, type NatsConnection } from '@nats-io/transport-node'
import { nats } from 'feathers-mesh/nats'
import { ConformanceNode } from '../../../lib/testing/conformance-node'
import { messageText } from '../../../lib/transport/nats/message-text'
import { Subjects } from '../../../lib/transport/nats/subjects'
import { TestProcess } from '../../process'
import { until } from '../../until'
import { hasNats, NatsServer } from './nats-server'

/** Far more than a node needs that waits for nobody; and after that time it would drop peers that say nothing. */
const DRAIN_MS = 600_000

interface Guest {
  readonly connection: NatsConnection
  readonly heard: string[]
  readonly say: (count: number, isLeaving: boolean) => void
  readonly subjects: Subjects
}

const helloOf = (count: number, isLeaving: boolean): string =>
  JSON.stringify({ mesh: 1, id: 'guest', key: 'default', life: 'abc.1', count, revision: 0, isLeaving })

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a node that leaves NATS', () => {
  const nodes: ConformanceNode[] = []
  const guests: NatsConnection[] = []
  let environment = ''
  let environments = 0
  let server: NatsServer

  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())
  beforeEach(() => { environment = `e${++environments}` })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(0)))
    await Promise.all(guests.splice(0).map(async each => await each.close()))
  })

  async function start (id: string): Promise<ConformanceNode> {
    const node = new ConformanceNode(id, nats({ servers: server.url, nodeTimeout: DRAIN_MS }).make({ environment }))
    nodes.push(node)
    node.offered = [{ path: 'todos', methods: [{ name: 'find', idempotent: true }], events: [] }]
    await node.transport.start(node)
    return node
  }

  /** Another node, for all that the node sees: it says hello, and hears what is sent to it. */
  async function guest (): Promise<Guest> {
    const connection = await connect({ servers: server.url })
    guests.push(connection)
    const heard: string[] = []
    const subjects = new Subjects('mesh', environment)
    connection.subscribe(subjects.inbox('guest', 'default'), {
      callback: (_error, { data }) => { if (data.length > 0) heard.push(String(Buffer.from(data))) }
    })
    await connection.flush()
    const say = (count: number, isLeaving: boolean): void => {
      connection.publish(subjects.hello('default'), helloOf(count, isLeaving))
    }
    return { connection, heard, say, subjects }
  }

  it('waits for no node that was killed, and that had nothing to do with it', async () => {
    const node = await start('node')
    const peer = new TestProcess('idle-node', { ...process.env, MESH_TRANSPORT: server.url, COTE_ENV: environment })
    try {
      await peer.hears('obeys')
      await peer.ask('start')
      await until('the peer', () => node.peers.size > 0)
    } finally {
      await peer.kill()
    }
    await node.transport.stop(DRAIN_MS)
  }, 20_000)

  it('waits for no node that said goodbye before it said anything to it alone', async () => {
    const node = await start('node')
    const { connection, heard, say } = await guest()
    say(1, false)
    say(2, true)
    await until('the node to greet it', () => heard.length > 0)
    await connection.close()
    await node.transport.stop(DRAIN_MS)
  }, 20_000)

  it('tells a node that meets it then that it is gone, so that this one does not wait for it', async () => {
    const node = await start('node')
    const held = await start('caller')
    await until('both', () => held.peers.has('node') && node.peers.has('caller'))
    held.send('node', { path: 'todos', method: 'find' })
    await until('a call that nobody answers', () => node.calls.length > 0)
    const stopped = node.transport.stop(DRAIN_MS)
    const { connection, heard, subjects } = await guest()
    const greeting = messageText('hello', 0, helloOf(1, false))
    connection.publish(subjects.inbox('node', 'default', 'default'), `guest abc.7 -\n${greeting}`)
    await until('its answer', () => heard.length > 0)
    expect(heard).toEqual([`node - abc.7\n${messageText('gone', 0, undefined)}`])
    node.calls[0]?.reply(null, 'done')
    await stopped
  })
})
