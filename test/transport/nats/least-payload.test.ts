import type { Contract } from 'feathers-mesh'
import { nats } from 'feathers-mesh/nats'
import { ConformanceNode } from '../../../lib/testing/conformance-node'
import { until } from '../../until'
import { hasNats, NatsServer } from './nats-server'

const CONTRACT: Contract = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['created'] }
/** Characters of one and of three bytes, and those whose half is no character. */
const TEXTS = ['x', '\u20ac', '\u{1f600}'].map(character => character.repeat(30_000))

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a node on a NATS server that takes short messages only', () => {
  const nodes: ConformanceNode[] = []
  let server: NatsServer | undefined

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(0)))
    await server?.stop()
  })

  async function start (id: string, { url }: NatsServer, secret?: string): Promise<ConformanceNode> {
    const node = new ConformanceNode(id, nats({ servers: url }).make({ environment: '', secret }))
    nodes.push(node)
    node.offered = [CONTRACT]
    node.answer = call => call.reply(null, call.request.data)
    await node.transport.start(node)
    return node
  }

  it.each([['open', undefined], ['sealed', 'a secret of this test']])(
    'sends longer ones in pieces of the least length, where they are %s', async (_how, secret) => {
      server = await NatsServer.start('max_payload: 8192')
      const [host, caller] = [await start('host', server, secret), await start('caller', server, secret)]
      await until('both to know each other', () => host.peers.has('caller') && caller.peers.has('host'))
      caller.transport.subscribe('todos')
      await until('the subscription', () => host.listeners.length > 0)
      for (const data of TEXTS) {
        const { told } = caller.send('host', { data })
        const { value } = await until('a reply', () => told[0])
        expect(value === data).toBe(true)
        host.publish({ path: 'todos', event: 'created', key: host.key, args: [data] })
      }
      await until('all events', () => caller.events.length === TEXTS.length)
      expect(caller.events.every(({ args: [text] }, n) => text === TEXTS[n])).toBe(true)
    })

  it('does not start where the server takes less than a piece', async () => {
    server = await NatsServer.start('max_payload: 8191')
    await expect(start('alone', server)).rejects.toThrow(
      `NATS at 127.0.0.1:${server.port} takes messages of 8191 bytes, and nodes need 8192: set its max_payload`)
  })
})
