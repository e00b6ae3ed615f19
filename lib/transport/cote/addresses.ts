import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** IPv4 as sockets of both families write it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Whether an address is one that never leaves this machine: 127.0.0.0/8 and ::1, however it is written. */
export function isLoopback (address: string): boolean {
  const family = isIP(address)
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** The same for host names as well. */
export function isThisMachine (host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}

/** Whether an address of IPv6 is meant, and not one of IPv4 in its clothes. */
export function isOfIPv6 (host: string): boolean {
  return isIPv6(host) && !isIPv4(plainAddress(host))
}

/** Whether an address is that of a group, to which a node may subscribe. */
export function isGroup (address: unknown): boolean {
  if (typeof address !== 'string') return false
  if (isIPv6(address)) return /^ff/i.test(address)
  const [first] = address.split('.').map(Number)
  return isIPv4(address) && first >= 224 && first < 240
}

/** An address as it is told: sockets that take both families write that of IPv4 in a longer way. */
export function plainAddress (address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}

/** Where a node is reached, as it stands in a URL. */
export function placeOf (host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** The group and the interface of `ff02::1%eth0`. */
export function groupOf (address: string): { readonly group: string, readonly through: string | undefined } {
  const [group, scope] = address.split('%')
  return { group, through: scope === undefined ? undefined : `::%${scope}` }
}
