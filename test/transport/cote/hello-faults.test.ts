import { CoteTransport } from 'feathers-mesh'
import { BareNode } from '../../bare-node'
import { freePort } from '../../free-port'
import { CoteMesh } from '../../security/mesh-of'
import { Stranger } from '../../security/stranger'
import { until } from '../../until'
import { hello } from './wire'

let mesh: CoteMesh
let stranger: Stranger
let faults: unknown[]
const onFault = (fault: unknown): void => { faults.push(fault) }

beforeEach(async () => {
  faults = []
  mesh = new CoteMesh()
  stranger = await Stranger.at(mesh, 1)
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault)
})

afterEach(async () => {
  process.removeListener('uncaughtException', onFault).removeListener('unhandledRejection', onFault)
  await stranger.end()
  await mesh.end()
  expect(faults).toEqual([])
})

interface Announcement {
  iid?: unknown
  pid?: unknown
  hostName?: unknown
  data: { advertisement: Record<string, unknown> }
}

/** A hello with other fields. */
function helloWith (advertisement: object, fields: object = {}): object {
  const packet = { ...hello('another', mesh.cote.environment, 9), ...fields } as unknown as Announcement
  Object.assign(packet.data.advertisement, advertisement)
  return packet
}

describe('a hello', () => {
  const name = 'ends nothing of a node whose messages have at most %d bytes'
  it.each([8, 100, 1_024, 32_768])(name, async maxMessageSize => {
    const node = await mesh.node({ key: 'a key that is rather long', cote: { maxMessageSize, helloInterval: 50 } })
    for (const key of ['x', 'k'.repeat(900), 'k'.repeat(40_000)]) {
      const port = await freePort()
      const iid = key.slice(0, 50)
      await stranger.send(helloWith({ appUuid: iid, appDistributionKey: key, port }, { iid }))
    }
    const answered = stranger.packets.length
    await until('it to say hello again', () => stranger.packets.length > answered + 4)
    expect(node.nodes()).toHaveLength(1)
  })

  it.each<[string, object, object]>([
    ['id', {}, { iid: 'i'.repeat(1_001) }], ['sender', {}, { pid: 'p'.repeat(1_001) }],
    ['key of its node', { appDistributionKey: 'k'.repeat(1_001) }, {}],
    ['id of its node', { appUuid: 'i'.repeat(1_001) }, {}],
    ['name', { name: 'n'.repeat(1_001) }, {}], ['namespace', { namespace: 'n'.repeat(1_001) }, {}],
    ['type', { type: 't'.repeat(1_001) }, {}], ['type for cote', { axon_type: 't'.repeat(1_001) }, {}],
    ['method', { mesh: undefined, requests: ['m'.repeat(1_001)] }, {}]
  ])('is refused and counted when its %s is too long', async (_what, advertisement, fields) => {
    const node = await mesh.node()
    await stranger.send(helloWith(advertisement, fields))
    await until('it to be counted', () => node.counters().malformedPacket > 0)
  })

  it('does not end what its node does when a listener of the node throws over it', async () => {
    const counted: string[] = []
    class Throwing extends BareNode {
      override joined (): void { throw new Error('joined') }
      override left (): void { throw new Error('left') }
      override onRejected = (reason: string): void => { counted.push(reason) }
    }
    const transport = new CoteTransport(mesh.cote)
    try {
      await new Throwing(transport, { id: 'throwing' }).start()
      const host = await mesh.host()
      await until('a fault', () => counted.includes('containedFault'))
      await host.stop()
      await until('another one', () => counted.filter(reason => reason === 'containedFault').length > 1)
    } finally {
      await transport.stop(0)
    }
  })
})
