import { createSocket } from 'node:dgram'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { Discovery } from '../../../../lib/transport/cote/discovery/discovery'
import type { Medium, PacketWay, WayContext } from '../../../../lib/transport/cote/discovery/way'
import { UdpWay } from '../../../../lib/transport/cote/discovery/ways/udp-way'
import { OpenSecurity } from '../../../../lib/transport/cote/security/open-security'
import { until } from '../../../until'
import { discoveryPort } from '../legacy/old-node'
import { hello } from '../wire'
import { advertisement } from './said'

describe('a component that says nothing more', () => {
  it('is removed and the fault counted when the question whether it is there fails', async () => {
    const port = discoveryPort()
    const rejected: unknown[][] = []
    const security = new OpenSecurity({ environment: '', onRejected: () => {} })
    const discovery = new Discovery({
      environment: 'silent:', port, address: '127.0.0.1', ways: [new UdpWay('broadcast', ['127.255.255.255'])],
      helloInterval: 60_000, checkInterval: 50, nodeTimeout: 50, useHostNames: false
    }, security.hellos, (...fault) => rejected.push(fault))
    discovery.isThere = async () => { throw new Error('nobody to ask') }
    const removed: unknown[] = []
    discovery.on('removed', ({ iid }, reason) => removed.push([iid, reason]))
    await discovery.start()
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => socket.setBroadcast(true))
    try {
      await until('the component', async () => {
        const packet = JSON.stringify(hello('other', 'silent', 1))
        await new Promise(resolve => socket.send(packet, port, '127.255.255.255', resolve))
        return discovery.components.length > 0 || removed.length > 0
      })
      await until('its removal', () => removed.length > 0)
      expect(removed[0]).toEqual(['other', 'silent'])
      expect(rejected[0]).toEqual(['containedFault', expect.stringContaining('127.'), 'nobody to ask'])
    } finally {
      socket.close()
      await discovery.stop()
    }
  })
})

/** A way whose packets this test hands over, as many in a turn of the event loop as it likes. */
class FloodedWay implements PacketWay {
  readonly isBroker = false
  readonly hosts = ['127.0.0.1']
  sent = 0
  private context: WayContext | undefined

  title (): string { return '' }

  async open (context: WayContext): Promise<Medium> {
    this.context = context
    return {
      maxBytes: 10_000,
      isUp: true,
      send: async () => {
        this.sent++
        return undefined
      },
      close: async () => {}
    }
  }

  receive (iid: string): void {
    this.receiveText(JSON.stringify(hello(iid, 'flooded', 1)))
  }

  receiveText (text: string): void {
    this.context?.receive(Buffer.from(text), '127.0.0.1')
  }
}

describe('a node that can not read all packets that come', () => {
  const way = new FloodedWay()
  let discovery: Discovery
  const removed: string[] = []
  let isOver = false
  let flooding = Promise.resolve()

  const flood = async (receive = (n: number) => way.receive(`node-${n}`)): Promise<void> => {
    while (!isOver) {
      for (let n = 0; n < 40; n++) receive(n)
      await nextTurn()
    }
  }

  /** Starts a node that knows 40 others, and floods it. */
  const startFlooded = async (receive?: (n: number) => void): Promise<void> => {
    await discovery.start()
    discovery.advertise('own', advertisement)
    for (let n = 0; n < 40; n++) way.receive(`node-${n}`)
    flooding = flood(receive)
  }

  const endFlood = async (): Promise<void> => {
    isOver = true
    await flooding
  }

  /** Resolves to how many hellos the node has said when it has told the 40 nodes of itself. */
  const untilToldAll = async (): Promise<number> => {
    await until('the first hello, and the answer to the nodes', () => way.sent > 1)
    return way.sent
  }

  beforeEach(() => {
    isOver = false
    way.sent = removed.length = 0
    const security = new OpenSecurity({ environment: '', onRejected: () => {} })
    discovery = new Discovery({
      environment: 'flooded:', port: 1, address: '127.0.0.1', ways: [way],
      helloInterval: 60_000, checkInterval: 50, nodeTimeout: 400, useHostNames: false
    }, security.hellos, () => {})
    discovery.on('removed', ({ iid }) => removed.push(iid))
  })

  afterEach(async () => {
    await endFlood()
    await discovery.stop()
  })

  it('says hello again as soon as it has read them, and not before', async () => {
    await startFlooded()
    const before = await untilToldAll()
    await delay(700)
    expect(way.sent).toBe(before)
    await endFlood()
    await until('a hello', () => way.sent > before)
  })

  it('says hello again after some seconds, although they go on coming', async () => {
    await startFlooded()
    const before = await untilToldAll()
    await until('a hello', () => way.sent > before)
  })

  it('answers newcomers, which wait for that', async () => {
    await startFlooded()
    const before = await untilToldAll()
    way.receive('newcomer')
    await delay(700)
    expect(way.sent).toBeGreaterThan(before)
  })

  it('does not wait for what no node sends', async () => {
    await startFlooded(() => way.receiveText('garbage'))
    await until('the first hello', () => way.sent > 0)
    const before = way.sent
    await delay(700)
    expect(way.sent).toBeGreaterThan(before)
  })

  it('takes no node for gone whose hellos may be among these', async () => {
    await discovery.start()
    way.receive('late')
    flooding = flood()
    await until('the nodes', () => discovery.components.length === 41)
    await delay(600)
    expect(removed).toEqual([])
    await until('its removal', () => removed.length > 0)
    expect(removed).toEqual(['late'])
  })
})

describe('nodes that start together', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate'] }))

  afterEach(() => {
    jest.restoreAllMocks()
    jest.useRealTimers()
  })

  it.each([
    [0, 30_000], [0.5, 45_000], [0.999, 59_970]
  ])('say their later hellos at different times, as chance (%f) will have it', async (chance, first) => {
    jest.spyOn(Math, 'random').mockReturnValue(chance)
    const way = new FloodedWay()
    const security = new OpenSecurity({ environment: '', onRejected: () => {} })
    const discovery = new Discovery({
      environment: 'spread:', port: 1, address: '127.0.0.1', ways: [way],
      helloInterval: 60_000, checkInterval: 600_000, nodeTimeout: 600_000, useHostNames: false
    }, security.hellos, () => {})
    await discovery.start()
    discovery.advertise('own', advertisement)
    const saidUntil = async (at: number): Promise<number> => {
      await jest.advanceTimersByTimeAsync(at - performance.now() + begin)
      return way.sent
    }
    const begin = performance.now()
    try {
      const before = await saidUntil(first - 10)
      expect(await saidUntil(first + 10)).toBe(before + 1)
      expect(await saidUntil(first + 59_990)).toBe(before + 1)
      expect(await saidUntil(first + 60_010)).toBe(before + 2)
    } finally {
      await discovery.stop()
    }
  })
})
