import { Discovery } from '../../../../../lib/transport/cote/discovery/discovery'
import type { Medium, PacketWay, WayContext } from '../../../../../lib/transport/cote/discovery/way'
import { OpenSecurity } from '../../../../../lib/transport/cote/security/open-security'
import { until } from '../../../../until'
import { fieldsOf } from '../../../../../lib/record'
import { hello } from '../../wire'
import { advertisement } from '../said'

const PORT = 4_000

/** A way that keeps what is sent: to all nodes, or to the answer port of one. */
class KeptWay implements PacketWay {
  readonly isBroker = false
  readonly hosts = ['127.0.0.1']
  readonly toAll: string[] = []
  readonly toOne: Array<[port: number, packet: string]> = []
  private context: WayContext | undefined

  constructor (private readonly answerPort?: number) {}

  title (): string { return '' }

  async open (context: WayContext): Promise<Medium> {
    this.context = context
    const { answerPort } = this
    return {
      maxBytes: 10_000,
      isUp: true,
      send: async packet => {
        this.toAll.push(packet.toString())
        return undefined
      },
      ...answerPort === undefined ? {} : {
        answerPort,
        answer: async (packet: Buffer, port: number) => { this.toOne.push([port, packet.toString()]) }
      },
      close: async () => {}
    }
  }

  /** A node says hello that may have a port for answers. */
  hear (iid: string, answerPort?: unknown): void {
    this.context?.receive(this.hello(iid, answerPort), '127.0.0.1')
  }

  /** A node answers that has such a port as well. */
  hearAnswer (iid: string): void {
    this.context?.receiveAnswer(this.hello(iid, PORT), '127.0.0.1')
  }

  private hello (iid: string, answerPort: unknown): Buffer {
    const packet = hello(iid, 'answers', 1)
    const { advertisement } = fieldsOf(packet.data)
    Object.assign(fieldsOf(fieldsOf(advertisement).mesh), { answerPort })
    return Buffer.from(JSON.stringify(packet))
  }
}

describe('a node', () => {
  let way: KeptWay
  let discovery: Discovery

  const start = async (answerPort?: number): Promise<void> => {
    way = new KeptWay(answerPort)
    const security = new OpenSecurity({ environment: '', onRejected: () => {} })
    discovery = new Discovery({
      environment: 'answers:', port: 1, address: '127.0.0.1', ways: [way],
      helloInterval: 60_000, checkInterval: 60_000, nodeTimeout: 60_000, useHostNames: false
    }, security.hellos, () => {})
    await discovery.start()
    discovery.advertise('own', advertisement)
  }

  const known = (): string[] => discovery.components.map(({ iid }) => iid)
  const ports = (): number[] => way.toOne.map(([port]) => port)

  afterEach(async () => { await discovery.stop() })

  it('answers a newcomer at the port that its hello tells, with the hello of its own', async () => {
    await start(PORT)
    way.hear('newcomer', 4_001)
    await until('the answer', () => way.toOne.length > 0)
    expect(ports()).toEqual([4_001])
    const [[, answer = ''] = []] = way.toOne
    const said = JSON.parse(answer) as { iid: string, data: { advertisement: { mesh: object } } }
    expect(said).toMatchObject({ iid: 'own', data: { advertisement: { mesh: { answerPort: PORT } } } })
  })

  it('answers each newcomer once, whatever it says again', async () => {
    await start(PORT)
    way.hear('newcomer', 4_001)
    way.hear('newcomer', 4_001)
    await until('the answer', () => way.toOne.length > 0)
    way.hear('newcomer', 4_001)
    way.hear('other', 4_002)
    await until('the answer to the other', () => way.toOne.length > 1)
    expect(ports()).toEqual([4_001, 4_002])
  })

  it('answers no answers, as their senders know it', async () => {
    await start(PORT)
    way.hearAnswer('old')
    expect(known()).toEqual(['old'])
    way.hear('newcomer', 4_001)
    await until('the answer', () => way.toOne.length > 0)
    expect(ports()).toEqual([4_001])
  })

  it('answers many newcomers together, by hellos that all nodes read', async () => {
    await start(PORT)
    for (let n = 0; n < 100; n++) way.hear(`node-${n}`, 5_000 + n)
    await until('the first answers', () => way.toOne.length > 0)
    await until('the one that is shared', () => way.toAll.length > 1)
    expect(known()).toHaveLength(100)
    expect(way.toOne.length).toBeLessThan(20)
    expect(way.toAll.length).toBeLessThan(20)
  })

  it.each([
    ['newcomers that have no port for answers', PORT, undefined],
    ['newcomers that tell a port which does not exist', PORT, 65_536],
    ['newcomers that tell something else', PORT, '4001'],
    ['newcomers by a way without such ports', undefined, 4_001]
  ])('says hello to all for %s', async (_who, own, told) => {
    await start(own)
    await until('the first hello', () => way.toAll.length > 0)
    // More than a node says on its own after its start.
    for (let n = 0; n < 8; n++) {
      const before = way.toAll.length
      way.hear(`node-${n}`, told)
      await until('a hello', () => way.toAll.length > before)
    }
    expect(way.toOne).toEqual([])
  })
})
