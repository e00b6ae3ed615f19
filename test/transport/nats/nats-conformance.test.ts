import { faultConformance, transportConformance } from 'feathers-mesh/testing'
import { hasNats, NatsServer } from './nats-server'
import { NatsUnderTest } from './nats-under-test'

const MEGABYTE = 1024 * 1024
let meshes = 0

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('the NATS transport', () => {
  let server: NatsServer
  // A bound of the server that a test reaches soon.
  beforeAll(async () => { server = await NatsServer.start(`max_pending: ${16 * MEGABYTE}`) })
  afterAll(async () => await server.stop())

  it.each([...transportConformance, ...faultConformance])('passes $name', async ({ run }) => {
    const mesh = new NatsUnderTest(server, `conformance-${++meshes}`, { maxMessageSize: 3 * MEGABYTE })
    await run(() => mesh.transport(), mesh.hooks())
  })
})
