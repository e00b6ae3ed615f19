import { createSocket } from 'node:dgram'
import type { TransportHost } from 'feathers-mesh/transport'
import { Discovery } from '../../../lib/transport/cote/discovery/discovery'
import { UdpWay } from '../../../lib/transport/cote/discovery/ways/udp-way'
import { Peers } from '../../../lib/transport/cote/outbound/peers'
import type { CotePeer, PeerOptions } from '../../../lib/transport/cote/outbound/cote-peer'
import { OpenSecurity } from '../../../lib/transport/cote/security/open-security'
import { until } from '../../until'
import { hello } from './wire'

describe('components that discovery learns from hellos', () => {
  it('are limited in number, and those already known can still change', async () => {
    const port = 17_000 + process.pid % 1_000
    const refusals: string[] = []
    const onRejected = (reason: string): void => { refusals.push(reason) }
    const security = new OpenSecurity({ environment: '', onRejected })
    const discovery = new Discovery({
      environment: 'flood:', port, address: '127.0.0.1', ways: [new UdpWay('broadcast', ['127.255.255.255'])],
      helloInterval: 60_000, checkInterval: 60_000, nodeTimeout: 60_000, useHostNames: false
    }, security.hellos, onRejected, 50)
    const changed: string[] = []
    discovery.on('changed', ({ iid }) => changed.push(iid))
    await discovery.start()
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => socket.setBroadcast(true))
    const say = async (iid: string, at: number): Promise<void> => {
      const packet = JSON.stringify(hello(iid, 'flood', at))
      await new Promise(resolve => socket.send(packet, port, '127.255.255.255', resolve))
    }
    try {
      let names = 0
      // Some packets may get lost on the way.
      await until('a refusal', async () => {
        for (let n = 0; n < 10; n++) await say(`node-${names++}`, 1)
        return refusals.length > 0
      })
      expect(discovery.components).toHaveLength(50)
      expect(new Set(refusals)).toEqual(new Set(['tooManyComponents']))
      const { iid } = discovery.components[0] as { iid: string }
      await until('another hello of one that is known', async () => {
        await say(iid, 2)
        return changed.includes(iid)
      })
      expect(discovery.components).toHaveLength(50)
    } finally {
      socket.close()
      await discovery.stop()
    }
  })
})

describe('peers that left without a goodbye', () => {
  it('are remembered up to a limit, the latest ones, to report missed events on their return', () => {
    const host = { left: () => {} } as unknown as TransportHost
    const discovery = { components: [], delete: () => {} } as unknown as Discovery
    const limits = { connectTimeout: 1, idleTimeout: 60_000, maxMessageSize: 1, maxBacklog: 1, log: false }
    const peers = new Peers(host, discovery, limits as ConstructorParameters<typeof Peers>[2])
    const meet = (n: number): PeerOptions => {
      let given: PeerOptions | undefined
      peers.add(`peer-${n}`, options => {
        given = options
        return { id: `peer-${n}`, depart: async () => {}, drain: async () => {}, destroy: () => {} } as CotePeer
      })
      return given as PeerOptions
    }
    try {
      for (let n = 0; n <= 1_000; n++) {
        const { onAnswer, onLeave } = meet(n)
        onAnswer?.()
        onLeave('lost')
      }
      const returning = [0, 1, 1_000].map(n => {
        const { isReturning, onLeave } = meet(n)
        onLeave('goodbye')
        return isReturning
      })
      expect(returning).toEqual([false, true, true])
    } finally {
      peers.destroy()
    }
  })
})
