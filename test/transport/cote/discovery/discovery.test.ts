import { createSocket } from 'node:dgram'
import { Discovery } from '../../../../lib/transport/cote/discovery/discovery'
import { UdpWay } from '../../../../lib/transport/cote/discovery/ways/udp-way'
import { OpenSecurity } from '../../../../lib/transport/cote/security/open-security'
import { until } from '../../../until'
import { discoveryPort } from '../legacy/old-node'
import { hello } from '../wire'

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
