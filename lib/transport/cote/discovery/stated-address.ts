import { hostname } from 'node:os'
import { isLoopback, isThisMachine } from '../../ip-address'
import { LOOPBACK, ownAddresses, plainAddress } from '../addresses'
import type { Advertisement, Packet } from './hello'
import type { Origin } from './way'

/** What of a node says where it looks for the sender of a packet. */
export interface AddressRules {
  /** Peers are reached at the host names in their hellos, not at the addresses that their hellos come from. */
  readonly useHostNames: boolean
  /** Whether strangers may write its packets, and it does nothing beyond this machine. */
  readonly isOpenHere: boolean
  /** Whether nobody but nodes of the mesh can write its packets. */
  readonly isClosed: boolean
}

/** Where a node is reached, or why this node does not look there. */
export type Stated =
  { readonly address: string, readonly refused?: undefined } |
  { readonly address?: undefined, readonly refused: 'distantHello' | 'shutInHello' | 'malformedPacket' }

/** Where the node that sent a packet is reached. */
export function statedAddress (packet: Packet, from: Origin, rules: AddressRules): Stated {
  const address = from.broker === undefined
    ? shownAddress(packet, from, rules) ?? plainAddress(from.address)
    : toldAddress(packet)
  if (address === undefined) return { refused: 'malformedPacket' }
  // It would be the machine of this node, and not that of the sender.
  if (from.broker === 'elsewhere' && isThisMachine(address)) return { refused: 'shutInHello' }
  if (!rules.isOpenHere || isThisMachine(address)) return { address }
  return isOwnName(address) ? { address: LOOPBACK } : { refused: 'distantHello' }
}

/** A port that is mapped is dialled at the address that was advertised with it. */
export function withPort (
  { advertised, advertisedPort: port }: Packet, advertisement: Advertisement, address: string
): Advertisement {
  return port === undefined || address !== advertised ? advertisement : { ...advertisement, port }
}

/** The address that a node claims, where it may claim one other than that of its packet. */
function shownAddress (
  { hostName, address, advertised, advertisement }: Packet, from: Origin, rules: AddressRules
): string | undefined {
  if (rules.useHostNames) return hostName
  if (advertised !== undefined && mayAdvertise(advertised, from, rules)) return advertised
  // On this machine, hellos use IPv4, whichever loopback address their node listens on.
  return address ?? (isLoopback(from.address) ? advertisement?.mesh?.address : undefined)
}

/** Anybody can write a packet of an open mesh, which must not direct connections to whatever it names. */
function mayAdvertise (advertised: string, from: Origin, { isOpenHere, isClosed }: AddressRules): boolean {
  return isOpenHere ? from.isConnected === true && isThisMachine(advertised) : isClosed || from.isConnected === true
}

/** A broker hides where a packet comes from: there is only what its sender says, and nodes of cote say a host name. */
function toldAddress ({ advertised, address, hostName }: Packet): string | undefined {
  return advertised ?? address ?? hostName
}

/** Whether others call this machine so. */
function isOwnName (address: string): boolean {
  return address === hostname() || ownAddresses().includes(address)
}
