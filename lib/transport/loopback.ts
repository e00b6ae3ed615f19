import { BlockList, isIPv4, isIPv6 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether an address never leaves this machine: 127.0.0.0/8 and ::1, in any notation. */
export function isLoopback (address: string): boolean {
  // Each packet is asked for this, and the list takes an object and microseconds for it.
  if (isIPv4(address)) return address.startsWith('127.')
  return isIPv6(address) && LOOPBACK.check(address, 'ipv6')
}

/** The same for addresses and host names. */
export function isThisMachine (host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}
