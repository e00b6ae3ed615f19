import { BlockList, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isIPAddress, isIPv6 } from '../ip-address'

/** The address of this machine for itself. */
export const LOOPBACK = '127.0.0.1'

/** Where nodes look for each other by default: on this machine. */
export const LOOPBACK_BROADCAST = '127.255.255.255'

/** An IPv4 address as sockets of both families write it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Whether an address is IPv6, and not an IPv4-mapped one. */
export function isOfIPv6 (host: string): boolean {
  return isIPv6(host) && !isIPv4(plainAddress(host))
}

/** Whether an address is that of a multicast group. */
export function isGroup (address: unknown): boolean {
  if (typeof address !== 'string') return false
  if (isIPv6(address)) return /^ff/i.test(address)
  const [first] = address.split('.').map(Number)
  return isIPv4(address) && first >= 224 && first < 240
}

const UNSPECIFIED = new BlockList()
UNSPECIFIED.addAddress('0.0.0.0', 'ipv4')
UNSPECIFIED.addAddress('::', 'ipv6')

/** Whether it stands for all addresses of a machine, or for a group: it leads to no one node. */
export function isOfMany (address: string): boolean {
  if (isGroup(address)) return true
  return isIPAddress(address) && UNSPECIFIED.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** An address in its short form: sockets of both families write IPv4 addresses as IPv4-mapped ones. */
export function plainAddress (address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}

/** `[address]:port` and `[address]`, for addresses of IPv6. */
const BRACKETS = /^\[([\da-f:.]+(?:%[\w.-]+)?)\](?::(\d{1,5}))?$/i
/** A host name, or an address of IPv4, and perhaps a port. */
const NAMED = /^([\w.-]+)(?::(\d{1,5}))?$/
/** A name whose last part is a number is an address of IPv4, or none at all. */
const ENDS_AS_IPV4 = /(?:^|\.)\d+\.?$/

/** An address or a host name, and perhaps a port. */
export interface StatedPlace {
  readonly host: string
  readonly port?: number
}

/** Reads `host`, `host:port`, `[address]`, `[address]:port`; undefined for anything else. */
export function readPlace (text: string): StatedPlace | undefined {
  if (isIPv6(text)) return { host: text }
  const [found, host = '', digits] = BRACKETS.exec(text) ?? NAMED.exec(text) ?? []
  const isHost = text.startsWith('[') ? isIPv6(host) : isIPv4(host) || !ENDS_AS_IPV4.test(host)
  if (found === undefined || !isHost) return undefined
  if (digits === undefined) return { host }
  const port = Number(digits)
  return isPort(port) ? { host, port } : undefined
}

/** Whether something can listen on a port of this number. */
export function isPort (value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
}

/** Host and port as in a URL. */
export function placeOf (host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Splits `ff02::1%eth0` into the group and its interface. */
export function groupOf (address: string): { readonly group: string, readonly through: string | undefined } {
  const [group, scope] = address.split('%')
  return { group, through: scope === undefined ? undefined : `::%${scope}` }
}

/** The addresses by which other machines reach this one. */
export function ownAddresses (): string[] {
  const all = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
  return all.filter(({ internal }) => !internal).map(({ address }) => address)
}

/** One of these, of IPv4 if there is such a one; none that counts within a link alone. */
export function networkAddress (): string | undefined {
  const all = ownAddresses().filter(address => !/^fe80:/i.test(address))
  return all.find(isIPv4) ?? all[0]
}
