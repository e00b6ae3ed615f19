import { isIP } from 'node:net'
import { withoutCredentials } from '../../printable'
import { isGroup, isLoopback, isOfIPv6, isThisMachine } from './addresses'
import { UdpWay, type UdpKind } from './discovery/ways/udp-way'
import type { Way } from './discovery/way'

const LOOPBACK = '127.0.0.1'
const EVERYWHERE = '0.0.0.0'
/** All addresses of both families. */
const REALLY_EVERYWHERE = '::'

/** The options that say where a node looks for others and where it listens. */
export interface ReachOptions {
  readonly broadcast: string
  readonly multicast: string | undefined
  readonly unicast: string | readonly string[] | undefined
  readonly address: string | undefined
}

/** Where a node listens, where it looks for others, and whether other machines can reach it. */
export interface Reach {
  /** Whether nothing of the node can be reached from another machine. */
  readonly staysOnThisMachine: boolean
  /** Where its TCP server is bound. */
  readonly listenAddress: string
  /** How it finds others. */
  readonly ways: readonly Way[]
}

/** How far a node reaches by its options. */
export function reachOf (options: ReachOptions): Reach {
  const { address } = options
  const destinations = destinationsOf(options)
  const isLocal = [...destinations, address ?? LOOPBACK].every(isThisMachine)
  return {
    staysOnThisMachine: isLocal,
    listenAddress: address ?? (isLocal ? LOOPBACK : everywhere(destinations)),
    ways: [new UdpWay(kindOf(options), destinations)]
  }
}

/** The options of those that reach beyond this machine. */
export function openOptions (options: ReachOptions): Array<keyof ReachOptions> {
  const { address } = options
  const reaching: Array<keyof ReachOptions> = destinationsOf(options).every(isThisMachine) ? [] : [kindOf(options)]
  return address === undefined || isThisMachine(address) ? reaching : [...reaching, 'address']
}

/**
 * What is wrong with an address that peers could not find this node at; empty when nothing is.
 *
 * @param name - where the address comes from
 */
export function addressFaults (options: ReachOptions, name: string): string[] {
  const { address } = options
  // Names are looked up later, and this one is for all addresses.
  if (address === undefined || isIP(address) === 0 || address === REALLY_EVERYWHERE) return []
  const destinations = destinationsOf(options)
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

function destinationsOf ({ broadcast, multicast, unicast }: ReachOptions): string[] {
  return unicast === undefined ? [multicast ?? broadcast] : [unicast].flat()
}

/** The first of them that is given counts. */
function kindOf ({ unicast, multicast }: ReachOptions): UdpKind {
  return unicast !== undefined ? 'unicast' : multicast !== undefined ? 'multicast' : 'broadcast'
}

function everywhere (destinations: readonly string[]): string {
  return destinations.some(isOfIPv6) ? REALLY_EVERYWHERE : EVERYWHERE
}
