import { faultConformance, transportConformance } from 'feathers-mesh/testing'
import { hasNats, NatsServer } from './nats-server'
import { NatsUnderTest } from './nats-under-test'

const MEGABYTE = 1024 * 1024
/** The groups that what is sealed could break; all others pass as well, and take too long to be run twice each time. */
const GROUPS = new Set(['meeting', 'requests', 'events', 'gaps', 'groups', 'drain'])
const tests = [...transportConformance, ...faultConformance].filter(({ group }) => GROUPS.has(group))
let meshes = 0

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('the NATS transport with a secret', () => {
  let server: NatsServer
  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())

  it.each(tests)('passes $name', async ({ run }) => {
    const secret = 'a secret of the suite'
    const mesh = new NatsUnderTest(server, `sealed-${++meshes}`, { maxMessageSize: 3 * MEGABYTE, secret })
    await run(() => mesh.transport(), mesh.hooks())
  })
})
