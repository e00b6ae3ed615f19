import type { Contract, Transport } from 'feathers-mesh'
import {
  created, echo, failure, missed, Nodes, numbers, outcome, subscribed, TODOS, valueOf
} from '../../../lib/testing/conformance-nodes'
import type { ConformanceNode } from '../../../lib/testing/conformance-node'
import { SeveralTransports } from '../../../lib/transport/several/several-transports'
import { until } from '../../until'
import { CoteUnderTest } from '../cote/cote-under-test'
import { hasNats, NatsServer } from '../nats/nats-server'
import { NatsUnderTest } from '../nats/nats-under-test'

const MEGABYTE = 1024 * 1024
const SECRET = 'a secret of more than sixteen characters'
let meshes = 0

const describeWithNats = hasNats ? describe : describe.skip

/** A mesh over cote and NATS in this process, whose nodes choose. */
class TwoWays {
  readonly cote: CoteUnderTest
  readonly nats: NatsUnderTest
  private readonly nodes: Nodes[] = []

  constructor (server: NatsServer, secret?: string) {
    const environment = `two-ways-${process.pid}-${++meshes}`
    this.cote = new CoteUnderTest({ environment }, { secret })
    this.nats = new NatsUnderTest(server, environment, { maxMessageSize: 3 * MEGABYTE })
  }

  async start (id: string, transport: Transport, offered: readonly Contract[] = []): Promise<ConformanceNode> {
    const nodes = new Nodes(() => transport)
    this.nodes.push(nodes)
    return await nodes.start(id, offered)
  }

  both (): Transport {
    return new SeveralTransports([this.cote.transport(), this.nats.transport()])
  }

  async stop (): Promise<void> {
    await Promise.all(this.nodes.map(async nodes => await nodes.stop()))
  }
}

const knows = async (node: ConformanceNode, ...ids: string[]): Promise<void> => {
  await until(`${node.id} to know ${ids.join(', ')}`, () => ids.every(id => node.peers.has(id)))
}

const sequence = (length: number): number[] => Array.from({ length }, (_, n) => n)

describeWithNats('a node on cote and NATS', () => {
  let server: NatsServer
  let mesh: TwoWays
  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())
  beforeEach(() => { mesh = new TwoWays(server) })
  afterEach(async () => await mesh.stop())

  /** Resolves when all listeners get the events of the host. */
  async function hearsEvents (host: ConformanceNode, ...listeners: ConformanceNode[]): Promise<void> {
    for (const listener of listeners) await subscribed(host, listener)
  }

  it('is one node to its peers, and reaches those that have only one of both', async () => {
    const host = await mesh.start('host', mesh.both(), [TODOS])
    echo(host)
    const listeners = [
      await mesh.start('both', mesh.both()), await mesh.start('cote', mesh.cote.transport()),
      await mesh.start('nats', mesh.nats.transport())
    ]
    await knows(host, 'both', 'cote', 'nats')
    for (const listener of listeners) {
      await knows(listener, 'host')
      expect(await valueOf(listener.send('host', { data: listener.id }))).toBe(listener.id)
    }
    await hearsEvents(host, ...listeners)
    for (const n of sequence(100)) host.transport.publish(created(n))
    for (const listener of listeners) {
      await until('all events', () => numbers(listener).length >= 100)
      expect([numbers(listener), missed(listener)]).toEqual([sequence(100), 0])
    }
    expect(listeners.flatMap(({ departures }) => departures)).toEqual([])
    expect(host.calls.map(({ request }) => request.data).sort()).toEqual(['both', 'cote', 'nats'])
  })

  it('stays when it loses cote: calls go by NATS, and events go on without one twice or untold', async () => {
    const host = await mesh.start('host', mesh.both(), [TODOS])
    echo(host)
    const listener = await mesh.start('listener', mesh.both())
    await knows(listener, 'host')
    await until('both ways', () => host.transport.reachOf?.('listener')?.way === 'cote, nats')
    await hearsEvents(host, listener)
    for (const n of sequence(50)) host.transport.publish(created(n))
    await until('the events by cote', () => numbers(listener).length === 50)
    await mesh.cote.hooks().kill?.('host')
    await until('cote to be lost', () => listener.transport.reachOf?.('host')?.way === 'nats')
    for (const n of sequence(50)) host.transport.publish(created(50 + n))
    await until('the rest', () => numbers(listener).length + missed(listener) >= 100)
    expect(numbers(listener)).toEqual([...new Set(numbers(listener))].sort((a, b) => a - b))
    expect(numbers(listener).length + missed(listener)).toBe(100)
    expect([await valueOf(listener.send('host', { data: 1 })), listener.departures]).toEqual([1, []])
  })

  it('stays when the NATS server is gone, and hears each event once when it comes back', async () => {
    const own = await NatsServer.start()
    try {
      mesh = new TwoWays(own)
      const host = await mesh.start('host', mesh.both(), [TODOS])
      echo(host)
      const listener = await mesh.start('listener', mesh.both())
      await knows(listener, 'host')
      await hearsEvents(host, listener)
      await own.kill()
      for (const n of sequence(50)) host.transport.publish(created(n))
      expect(await valueOf(listener.send('host', { data: 1 }))).toBe(1)
      await own.start()
      const late = await mesh.start('late', mesh.nats.transport())
      await knows(late, 'host')
      for (const n of sequence(50)) host.transport.publish(created(50 + n))
      await until('all events', () => numbers(listener).length >= 100)
      expect([numbers(listener), missed(listener), listener.departures]).toEqual([sequence(100), 0, []])
    } finally {
      await mesh.stop()
      await own.stop()
    }
  })

  it('sends a request by NATS that cote can not send, and it runs once', async () => {
    const host = await mesh.start('host', mesh.both(), [TODOS])
    echo(host)
    const caller = await mesh.start('caller', mesh.both())
    await knows(caller, 'host')
    await until('both ways', async () => {
      const names = host.calls.map(({ caller }) => caller?.address)
      if (names.includes('nats')) return true
      await mesh.cote.hooks().kill?.('host')
      return (await outcome(caller.send('host', { data: 'once' }))).error === null
    })
    expect(host.calls.map(({ request }) => request.data)).toEqual(['once'])
  })
})

describeWithNats('a node that proves the secret on cote', () => {
  let server: NatsServer
  let mesh: TwoWays
  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())
  beforeEach(() => { mesh = new TwoWays(server, SECRET) })
  afterEach(async () => await mesh.stop())

  it('loses neither its calls nor its place to one on NATS with its id that proves nothing', async () => {
    const impostor = await mesh.start('host', mesh.nats.transport(), [TODOS])
    impostor.answer = call => call.reply(null, 'forged')
    const host = await mesh.start('host', mesh.cote.transport(), [TODOS])
    host.answer = call => call.reply(null, 'genuine')
    const caller = await mesh.start('caller', mesh.both())
    await until('the node', () => caller.transport.reachOf?.('host')?.way.includes('cote') === true)
    await knows(impostor, 'caller')
    for (const n of sequence(10)) expect(await valueOf(caller.send('host', { data: n }))).toBe('genuine')
    await subscribed(host, caller)
    impostor.transport.publish(created(1))
    host.transport.publish(created(2))
    await until('the event', () => numbers(caller).length > 0)
    expect(numbers(caller)).toEqual([2])
    await host.transport.stop(1_000)
    await until('the node to be gone', () => !caller.peers.has('host'))
    void impostor.transport.announce()
    expect((await failure(caller.send('host'))).outcome).toBe('not-sent')
    expect(caller.peers.has('host')).toBe(false)
  })
})
