import type { Transport } from 'feathers-mesh'
import { faultConformance, transportConformance, type ConformanceHooks } from 'feathers-mesh/testing'
import { SeveralTransports } from '../../../lib/transport/several/several-transports'
import { CoteUnderTest } from '../cote/cote-under-test'
import { hasNats, NatsServer } from '../nats/nats-server'
import { NatsUnderTest } from '../nats/nats-under-test'

const MEGABYTE = 1024 * 1024
const BOUNDS = { maxMessageSize: 3 * MEGABYTE }
let meshes = 0

const describeWithNats = hasNats ? describe : describe.skip

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
    },
    async inject (node, bytes) {
      await cote.inject?.(node, bytes)
      await nats.inject(node, bytes)
    },
    malformed: [...cote.malformed ?? [], ...nats.malformed],
    maxMessageSize: BOUNDS.maxMessageSize
  }
}

describeWithNats('cote and NATS at once', () => {
  let server: NatsServer
  beforeAll(async () => { server = await NatsServer.start(`max_payload: ${4 * MEGABYTE}\nmax_pending: ${16 * MEGABYTE}`) })
  afterAll(async () => await server.stop())

  it.each([...transportConformance, ...faultConformance])('pass $name', async ({ run }) => {
    const environment = `several-${process.pid}-${++meshes}`
    const cote = new CoteUnderTest({ environment, maxBacklog: 4 * MEGABYTE, ...BOUNDS })
    const nats = new NatsUnderTest(server, environment, BOUNDS)
    const make = (): Transport => new SeveralTransports([cote.transport(), nats.transport()])
    await run(make, bothHooks(cote.hooks(), nats.hooks()))
  })
})
