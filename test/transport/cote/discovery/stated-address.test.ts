import os, { hostname, type NetworkInterfaceInfo } from 'node:os'
import type { Packet } from '../../../../lib/transport/cote/discovery/hello'
import { statedAddress } from '../../../../lib/transport/cote/discovery/stated-address'
import type { Origin } from '../../../../lib/transport/cote/discovery/way'

const OPEN_HERE = { useHostNames: false, isOpenHere: true, isClosed: false }
const BEYOND = { ...OPEN_HERE, isOpenHere: false }
const HERE: Origin = { address: 'Redis', broker: 'here', way: 0 }
const ELSEWHERE: Origin = { address: 'Redis', broker: 'elsewhere', way: 0 }
const UDP: Origin = { address: '10.0.0.7', way: 0 }
const LOOPS = { refused: 'shutInHello' }
const packet = (fields: Partial<Packet> = {}): Packet => ({ event: 'hello', iid: 'a node', ...fields })

const NETWORK: NetworkInterfaceInfo = {
  address: '192.0.2.1', netmask: '255.255.255.0', cidr: '192.0.2.1/24', family: 'IPv4',
  mac: '02:00:00:00:00:01', internal: false
}

beforeEach(() => { jest.spyOn(os, 'networkInterfaces').mockReturnValue({ eth0: [NETWORK] }) })
afterEach(() => jest.restoreAllMocks())

describe('the node that sent a packet', () => {
  it.each<[string, Packet, Origin, object]>([
    ['where the packet came from', packet(), { address: '::ffff:10.0.0.7', way: 0 }, { address: '10.0.0.7' }],
    ['where it proves that it is', packet({ address: '10.0.0.8' }), UDP, { address: '10.0.0.8' }],
    ['where a broker says', packet({ advertised: 'todos', hostName: 'x' }), ELSEWHERE, { address: 'todos' }],
    ['at the host name that cote says by a broker', packet({ hostName: 'x' }), ELSEWHERE, { address: 'x' }],
    ['on the machine of the broker if that is this one', packet({ hostName: '::1' }), HERE, { address: '::1' }],
    ['nowhere, where it says nothing', packet(), HERE, { refused: 'malformedPacket' }],
    ['nowhere, where it says an address that is this machine', packet({ advertised: '::1' }), ELSEWHERE, LOOPS],
    ['nowhere, where it says localhost', packet({ hostName: 'localhost' }), ELSEWHERE, LOOPS]
  ])('is reached %s', (_where, sent, from, stated) => {
    expect(statedAddress(sent, from, BEYOND)).toEqual(stated)
  })

  it('is reached at its host name if the option asks for that, and it has one', () => {
    const rules = { ...BEYOND, useHostNames: true }
    expect(statedAddress(packet({ hostName: 'todos' }), UDP, rules)).toEqual({ address: 'todos' })
    expect(statedAddress(packet(), UDP, rules)).toEqual({ address: '10.0.0.7' })
  })
})

describe('the address that a node advertises', () => {
  it('counts where strangers could not have written it, and nowhere else', () => {
    const sent = packet({ advertised: 'todos' })
    const closed = { ...BEYOND, isClosed: true }
    const connected = { ...UDP, isConnected: true }
    const stated = [[UDP, closed], [connected, BEYOND], [HERE, BEYOND], [UDP, BEYOND], [connected, OPEN_HERE]] as const
    expect(stated.map(([from, rules]) => statedAddress(sent, from, rules).address))
      .toEqual(['todos', 'todos', 'todos', '10.0.0.7', undefined])
  })
})

describe('an open node that stays on its machine', () => {
  it.each(['10.0.0.7', 'todos', '2001:db8::1', '0.0.0.0', 'localhost.example', '127.0.0.1.example'])(
    'looks for no node at %s, by whichever way it hears of it', name => {
      const byAddress: Origin = { address: '127.0.0.1', way: 0 }
      const useHostNames = { ...OPEN_HERE, useHostNames: true }
      expect(statedAddress(packet({ advertised: name }), HERE, OPEN_HERE)).toEqual({ refused: 'distantHello' })
      expect(statedAddress(packet({ hostName: name }), HERE, OPEN_HERE)).toEqual({ refused: 'distantHello' })
      expect(statedAddress(packet({ hostName: name }), byAddress, useHostNames)).toEqual({ refused: 'distantHello' })
      expect(statedAddress(packet({ address: name }), byAddress, OPEN_HERE)).toEqual({ refused: 'distantHello' })
    }
  )

  it('looks for it on loopback where it says the name or an address of this machine', () => {
    for (const advertised of [hostname(), '192.0.2.1']) {
      expect(statedAddress(packet({ advertised }), HERE, OPEN_HERE)).toEqual({ address: '127.0.0.1' })
    }
    for (const advertised of ['127.0.0.9', 'localhost', '::1']) {
      expect(statedAddress(packet({ advertised }), HERE, OPEN_HERE)).toEqual({ address: advertised })
    }
  })
})
