import { withoutCredentials } from '../../printable'
import { isIPAddress, isLoopback, isThisMachine } from '../ip-address'
import { isGroup, isOfIPv6, LOOPBACK } from './addresses'
import type { ChosenWay } from './chosen-ways'
import { isPlaceWay } from './discovery/way'

const EVERYWHERE = '0.0.0.0'
/** All addresses of both families. */
const REALLY_EVERYWHERE = '::'

/** How a node finds others, and where it listens as its options say. */
export interface ReachOptions {
  readonly ways: readonly ChosenWay[]
  readonly address: string | undefined
}

/** Where a node listens, and whether other machines can reach it. */
export interface Reach {
  /** Whether nothing of the node can be reached from another machine. */
  readonly staysOnThisMachine: boolean
  /** Where its TCP server is bound. */
  readonly listenAddress: string
}

/** How far a node reaches by all of its ways together. */
export function reachOf ({ ways, address }: ReachOptions): Reach {
  const hosts = ways.flatMap(({ way }) => way.hosts)
  const isLocal = [...hosts, address ?? LOOPBACK].every(isThisMachine)
  return { staysOnThisMachine: isLocal, listenAddress: address ?? (isLocal ? LOOPBACK : everywhere(hosts)) }
}

/**
 * The options and variables of those that reach beyond this machine, as messages name them.
 *
 * @param addressSource - where the address comes from
 */
export function openSources ({ ways, address }: ReachOptions, addressSource: string): string[] {
  const reaching = ways.filter(({ way }) => !way.hosts.every(isThisMachine)).map(({ source }) => source)
  const all = address === undefined || isThisMachine(address) ? reaching : [...reaching, addressSource]
  return [...new Set(all)]
}

/**
 * What is wrong with an address that peers could not find this node at; empty when nothing is.
 *
 * @param name - where the address comes from
 */
export function addressFaults ({ ways, address }: ReachOptions, name: string): string[] {
  // Names are looked up later, and this one is for all addresses.
  if (address === undefined || !isIPAddress(address) || address === REALLY_EVERYWHERE) return []
  // A broker tells peers the address that the node gives it, and connections may come from another one.
  const destinations = ways.flatMap(({ way }) => isPlaceWay(way) || way.isBroker ? [] : way.hosts)
  if (destinations.length === 0) return []
  const fault = isOfIPv6(address) ? faultOfIPv6(address, destinations) : faultOfIPv4(destinations)
  if (fault === undefined) return []
  return [`${name} is ${address}, but ${fault} (${destinations.map(withoutCredentials).join(', ')}), and peers look for a node ` +
    'where its hellos come from']
}

function faultOfIPv4 (destinations: readonly string[]): string | undefined {
  return destinations.every(isOfIPv6) ? "hellos go by IPv6; give '::', or leave it out" : undefined
}

function faultOfIPv6 (address: string, destinations: readonly string[]): string | undefined {
  if (isLoopback(address) && destinations.every(isThisMachine)) return undefined
  if (destinations.some(isGroup)) {
    return destinations.some(isOfIPv6)
      ? "hellos to a group come from an address of the network's link; give '::', or leave it out"
      : "hellos go by IPv4; give a group of IPv6 (multicast: 'ff12::6d65'), and leave address out"
  }
  if (destinations.some(isOfIPv6)) return undefined
  return "hellos go by IPv4; let them go to addresses of IPv6 (unicast: ['fd00::2']), or leave it out"
}

function everywhere (destinations: readonly string[]): string {
  return destinations.some(isOfIPv6) ? REALLY_EVERYWHERE : EVERYWHERE
}
