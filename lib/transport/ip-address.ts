import { BlockList, isIPv4, isIPv6 as isIPv6OfNode } from 'node:net'

/**
 * Whether a text is an address of IPv6. Each has a colon: for all other texts, Node's own check would compile its
 * expression, which takes 16 ms of each process that has to do with IPv4 alone.
 */
export function isIPv6 (text: string): boolean {
  return text.includes(':') && isIPv6OfNode(text)
}

/** Whether a text is an address, and no name. */
export function isIPAddress (text: string): boolean {
  return isIPv4(text) || isIPv6(text)
}

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
