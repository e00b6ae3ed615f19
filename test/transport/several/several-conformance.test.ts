import { MemoryNetwork, type Transport } from 'feathers-mesh'
import {
  faultConformance, transportConformance, type ConformanceHooks, type ConformanceTest, type MakeTransport
} from 'feathers-mesh/testing'
import {
  created, losses, missed, Nodes, numbers, subscribed, TODOS
} from '../../../lib/testing/conformance-nodes'
import { SeveralTransports } from '../../../lib/transport/several/several-transports'
import { until } from '../../until'
import { CoteUnderTest } from '../cote/cote-under-test'
import { hasNats, NatsServer } from '../nats/nats-server'
import { NatsUnderTest } from '../nats/nats-under-test'

const MEGABYTE = 1024 * 1024
const BOUNDS = { maxMessageSize: 3 * MEGABYTE }
let meshes = 0

const describeWithNats = hasNats ? describe : describe.skip

/** What reads, bounds and rejects bytes is tested with each transport alone. */
const OF_ONE_TRANSPORT = /^(backpressure|large values|hostile peers|meeting|clocks|inspection|deadlines)/

/**
 * Where two ways break at once, the first one that is there again may take the events over before the other one is
 * missed: then nothing is lost, and nothing told. What each way tells of that is tested with it alone, with two
 * networks that break and join together, and for these two below.
 */
const OF_A_LOST_WAY = /^gaps: (a broken|each broken|what a broken|only who was cut)/

interface Mesh {
  readonly makeTransport: MakeTransport
  readonly hooks: Partial<ConformanceHooks>
}

/** Both transports lose what a network loses. */
function bothHooks (cote: Partial<ConformanceHooks>, nats: ConformanceHooks): Partial<ConformanceHooks> {
  return {
    async cut (one, other) {
      await cote.cut?.(one, other)
      await nats.cut(one, other)
    },
    async kill (node) {
      await cote.kill?.(node)
      await nats.kill(node)
    },
    async deafen (node) {
      const resumes = [await cote.deafen?.(node), await nats.deafen(node)]
      return () => { for (const resume of resumes) void resume?.() }
    }
  }
}

/** Two networks within this process. */
function memoryMesh (): Mesh {
  const networks = [new MemoryNetwork(), new MemoryNetwork()]
  const hooks = {
    cut (one: string, other: string) {
      for (const network of networks) network.cut(one, other)
      for (const network of networks) network.join()
    }
  }
  return { makeTransport: () => new SeveralTransports(networks.map(network => network.transport())), hooks }
}

/** Every second node has cote alone. */
function mixedMesh (): Mesh {
  const cote = new CoteUnderTest({ environment: `several-${process.pid}-${++meshes}`, ...BOUNDS })
  let made = 0
  const network = new MemoryNetwork()
  const makeTransport = (): Transport => new SeveralTransports(
    made++ % 2 === 0 ? [cote.transport(), network.transport()] : [cote.transport()]
  )
  return { makeTransport, hooks: { cut: cote.hooks().cut } }
}

const wants = (hooks: Partial<ConformanceHooks>, { name, needs }: ConformanceTest): boolean =>
  !OF_ONE_TRANSPORT.test(name) && needs.every(hook => hook in hooks)

describeWithNats('cote and NATS at once', () => {
  let server: NatsServer
  beforeAll(async () => { server = await NatsServer.start(`max_payload: ${4 * MEGABYTE}\nmax_pending: ${16 * MEGABYTE}`) })
  afterAll(async () => await server.stop())

  function makeMesh (url: NatsServer): Mesh {
    const environment = `several-${process.pid}-${++meshes}`
    const cote = new CoteUnderTest({ environment, maxBacklog: 4 * MEGABYTE, ...BOUNDS })
    const nats = new NatsUnderTest(url, environment, BOUNDS)
    const makeTransport = (): Transport => new SeveralTransports([cote.transport(), nats.transport()])
    return { makeTransport, hooks: bothHooks(cote.hooks(), nats.hooks()) }
  }

  const all = [...transportConformance, ...faultConformance]
  const hooked = { cut: () => {}, kill: () => {}, deafen: () => () => {} }
  it.each(all.filter(test => wants(hooked, test) && !OF_A_LOST_WAY.test(test.name)))(
    'pass $name', async ({ run }) => {
      const { makeTransport, hooks } = makeMesh(server)
      await run(makeTransport, hooks)
    })

  it('bring each event or count it, or tell a loss, when both break at once while events are sent', async () => {
    const { makeTransport, hooks } = makeMesh(server)
    const nodes = new Nodes(makeTransport, hooks)
    try {
      const host = await nodes.start('host', [TODOS])
      const listener = await nodes.consumer(host, 'listener')
      await subscribed(host, listener)
      let sent = 0
      for (let times = 0; times < 5; times++) {
        await until('both ways', () => listener.transport.reachOf?.('host')?.way === 'cote, nats')
        for (let n = 0; n < 100; n++) host.transport.publish(created(sent++))
        await hooks.cut?.('host', 'listener')
        for (let n = 0; n < 100; n++) host.transport.publish(created(sent++))
        const before = sent
        await until('an event', () => {
          host.transport.publish(created(sent++))
          return Number(numbers(listener).at(-1)) >= before
        })
      }
      const heard = (): number[] => numbers(listener)
      await until('the last one', () => heard().at(-1) === sent - 1)
      expect(heard().every((n, at, all) => at === 0 || all[at - 1] < n)).toBe(true)
      expect(losses(listener).length > 0 || heard().length + missed(listener) === sent).toBe(true)
    } finally {
      await nodes.stop()
    }
  })
})

describe.each([['two memory networks', memoryMesh], ['cote on all nodes, and another transport on some', mixedMesh]])(
  '%s', (_name, makeMesh) => {
    const provided = makeMesh().hooks
    it.each([...transportConformance, ...faultConformance].filter(test => wants(provided, test)))(
      'pass $name', async ({ run }) => {
        const { makeTransport, hooks } = makeMesh()
        await run(makeTransport, hooks)
      })
  })
