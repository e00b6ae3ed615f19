import { createSocket } from 'node:dgram'
import { meshNow } from '../../../../../lib/clock'
import { Discovery } from '../../../../../lib/transport/cote/discovery/discovery'
import type { Medium, PacketWay, WayContext } from '../../../../../lib/transport/cote/discovery/way'
import { UdpWay } from '../../../../../lib/transport/cote/discovery/ways/udp-way'
import { writeHello } from '../../../../../lib/transport/cote/discovery/write-hello'
import { OpenSecurity } from '../../../../../lib/transport/cote/security/open-security'
import { SealedHellos } from '../../../../../lib/transport/cote/security/secret/sealed-hellos'
import { KeyRing } from '../../../../../lib/transport/secrets/key-ring'
import { SECRET } from '../../../../security/mesh-of'
import { until } from '../../../../until'
import { fieldsOf } from '../../../../../lib/record'
import { discoveryPort } from '../../legacy/old-node'
import { hello } from '../../wire'
import { advertisement, sender } from '../said'

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
      answers: answerPort === undefined ? undefined : {
        port: answerPort,
        send: async (packet, port) => { this.toOne.push([port, packet.toString()]) }
      },
      close: async () => {}
    }
  }

  /** A node says hello that may have a port for answers. */
  hear (iid: string, answerPort?: unknown): void {
    this.hearTold(iid, { answerPort })
  }

  /** A node answers that has such a port as well. */
  hearAnswer (iid: string): void {
    this.hearTold(iid, { answerPort: PORT, answer: true })
  }

  private hearTold (iid: string, told: object): void {
    const packet = hello(iid, 'answers', 1)
    const { advertisement } = fieldsOf(packet.data)
    Object.assign(fieldsOf(fieldsOf(advertisement).mesh), told)
    this.context?.receive(Buffer.from(JSON.stringify(packet)), '127.0.0.1')
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
    expect(said).toMatchObject({ iid: 'own', data: { advertisement: { mesh: { answerPort: PORT, answer: true } } } })
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
    ['newcomers that tell a port of another program', PORT, 53],
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

describe('a newcomer of a mesh with a secret', () => {
  const environment = 'copied:'
  const seal = (): SealedHellos =>
    new SealedHellos(new KeyRing(SECRET), { environment, address: '127.0.0.1', onRejected: () => {} })
  const own = { ...advertisement, key: `${environment}$$default` }

  it('is answered although a stranger sent a copy of its hello to the port for answers first', async () => {
    const port = discoveryPort()
    const udp = new UdpWay('broadcast', ['127.255.255.255'])
    let medium: Medium | undefined
    const way: PacketWay = {
      isBroker: false,
      hosts: udp.hosts,
      title: () => '',
      open: async context => {
        medium = await udp.open(context)
        return medium
      }
    }
    const node = new Discovery({
      environment, port, address: '127.0.0.1', ways: [way],
      helloInterval: 60_000, checkInterval: 60_000, nodeTimeout: 60_000, useHostNames: false
    }, seal(), () => {})
    const newcomer = createSocket('udp4')
    const answers: Buffer[] = []
    newcomer.on('message', bytes => answers.push(bytes))
    await new Promise<void>(resolve => newcomer.bind(0, '127.0.0.1', resolve))
    newcomer.setBroadcast(true)
    const send = async (packet: Buffer, to: number, address: string): Promise<void> => {
      await new Promise(resolve => newcomer.send(packet, to, address, resolve))
    }
    try {
      await node.start()
      node.advertise('own', own)
      const told = { ...sender, isSealed: true, answerPort: newcomer.address().port }
      const hello = seal().seal(writeHello('newcomer', told, { ...own, appUuid: 'newcomer' }, meshNow()))
      await send(hello, medium?.answers?.port ?? NaN, '127.0.0.1')
      await until('the copy', () => node.components.length === 1)
      await send(hello, port, '127.255.255.255')
      await until('the answer', () => answers.length > 0)
      const [answer = Buffer.of()] = answers
      expect(seal().open(answer, { address: '127.0.0.1' })).toMatchObject({ iid: 'own', isAnswer: true })
    } finally {
      newcomer.close()
      await node.stop()
    }
  })
})
