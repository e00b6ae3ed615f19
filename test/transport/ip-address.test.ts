import { isIP, isIPv6 as isIPv6OfNode } from 'node:net'
import { isIPAddress, isIPv6 } from '../../lib/transport/ip-address'

const TEXTS = [
  '127.0.0.1', '0.0.0.0', '256.0.0.1', '1.2.3', '::1', '::', '::ffff:127.0.0.1', 'fe80::1%eth0', '2001:db8::7', ':::',
  ':', '1:2', '[::1]', 'localhost', 'a.example', ''
]

describe('an address', () => {
  it.each(TEXTS)('is one for this package if it is one for Node: %p', text => {
    expect(isIPv6(text)).toBe(isIPv6OfNode(text))
    expect(isIPAddress(text)).toBe(isIP(text) !== 0)
  })
})
