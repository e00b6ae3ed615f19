import { isIPv4 } from 'node:net'
import { ConfigurationError } from '../../../../errors'
import { isIPv6 } from '../../../ip-address'
import { isGroup, isOfIPv6 } from '../../addresses'
import type { Way } from '../way'
import { UdpWay } from './udp-way'
import type { ReadWay, WayReader } from './url'

/** Why nodes have no port of their own here. */
const NO_PORT = 'has a port, and all nodes share one UDP port: give it as cote: { port }'
/** A host name, or an address of IPv4, with what may stand behind it. */
const NAMED = /^([\w.-]+)(:\d+)?$/
const BRACKETS = /^\[([^\]]*)\](:\d+)?$/

/** Reads the addresses of a URL, which commas separate; gives what is wrong with them where they are none. */
function readHosts (rest: string): readonly string[] | string {
  const texts = rest.replace(/\/$/, '').split(',').map(text => text.trim())
  const hosts: string[] = []
  for (const text of texts) {
    if (isIPv6(text)) {
      hosts.push(text)
      continue
    }
    const [, address, port] = BRACKETS.exec(text) ?? NAMED.exec(text) ?? []
    if (address === undefined || text.startsWith('[') && !isIPv6(address)) {
      return 'must be followed by an address, or by several with commas between them, and by nothing else'
    }
    if (port !== undefined) return NO_PORT
    hosts.push(address)
  }
  return hosts
}

/** A reader of a URL with one address. */
function single (kind: 'broadcast' | 'multicast', faultOf: (host: string) => string | undefined): WayReader {
  return (rest): ReadWay => {
    const hosts = readHosts(rest)
    if (typeof hosts === 'string') return { fault: hosts }
    if (hosts.length > 1) return { fault: 'takes one address; give a URL for each' }
    const fault = faultOf(hosts[0])
    return fault === undefined ? { way: new UdpWay(kind, hosts) } : { fault }
  }
}

/** What `broadcast://` is followed by. */
export const readBroadcast = single('broadcast', host => {
  if (isIPv4(host)) return undefined
  return isOfIPv6(host)
    ? 'needs an address of IPv4, as IPv6 has no broadcast; use multicast:// or unicast://'
    : 'needs the broadcast address of a network, such as 10.0.255.255'
})

/** What `multicast://` is followed by. */
export const readMulticast = single('multicast', host => {
  return isGroup(host) ? undefined : 'needs the address of a group, such as 239.1.2.3 or ff12::6d65'
})

/** What `unicast://` is followed by. */
export const readUnicast: WayReader = rest => {
  const hosts = readHosts(rest)
  return typeof hosts === 'string' ? { fault: hosts } : { way: new UdpWay('unicast', hosts) }
}

/** @throws {@link ConfigurationError} for what the reader refuses */
function made (name: string, read: WayReader, rest: string): Way {
  const { way, fault } = read(rest)
  if (way === undefined) throw new ConfigurationError([`${name}() ${fault}`])
  return way
}

/** Nodes find each other by packets to the broadcast address of a network: a value for `discovery`. */
export function broadcast (address: string): Way {
  return made('broadcast', readBroadcast, address)
}

/** Nodes find each other by packets to a multicast group: a value for `discovery`. */
export function multicast (group: string): Way {
  return made('multicast', readMulticast, group)
}

/** Nodes find each other by packets to each of some addresses and host names: a value for `discovery`. */
export function unicast (hosts: readonly string[]): Way {
  return made('unicast', readUnicast, hosts.join(','))
}
