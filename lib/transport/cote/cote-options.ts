import { isIP } from 'node:net'
import buildOptions = require('cote/src/options-builder')
import { isGroup, isLoopback, isOfIPv6, isThisMachine } from './addresses'
import type { DiscoveryOptions } from './discovery/discovery'
import type { BindOptions } from './inbound/bind-port'

/** The options of `cote: { … }`, with cote's names; intervals in milliseconds. */
export interface CoteOptions {
  /** UDP port of discovery; all nodes of a mesh share it. @default 12345 */
  port?: number
  /** Where hellos are broadcast to. @default '127.255.255.255', this machine */
  broadcast?: string
  /** A multicast group for hellos, instead of a broadcast: of IPv4 or IPv6, `ff12::6d65` or `ff02::6d65%eth0`. */
  multicast?: string
  /** Addresses that hellos are sent to one by one, instead of a broadcast. */
  unicast?: string | string[]
  /**
   * The address that this node listens on.
   * @default '127.0.0.1', or when hellos go beyond this machine '0.0.0.0', with IPv6 '::'
   */
  address?: string
  /** Nodes of other environments are not seen. @default '' or COTE_ENV */
  environment?: string
  /** @default 10000 */
  helloInterval?: number
  /** How often silent nodes are looked for. @default 20000 */
  checkInterval?: number
  /** A node that is not heard of for so long is gone. @default 30000 */
  nodeTimeout?: number
  /** Whether peers are reached by the host names that they tell, not by their addresses. @default false */
  useHostNames?: boolean
  /** Whether each node that comes or goes is written to the console. @default false, or true where COTE_LOG is set */
  log?: boolean
  /** The first TCP port to try. Without it the operating system chooses. */
  basePort?: number
  /** The last TCP port to try. @default basePort */
  highestPort?: number
  /** Bytes of the longest message, either way. @default 16777216 */
  maxMessageSize?: number
  /** Bytes that may wait to leave for a peer; then calls go elsewhere, and events are dropped. @default 33554432 */
  maxBacklog?: number
  /** Time for a connection to be made. @default 3000 */
  connectTimeout?: number
  /** Connections that nothing uses for so long are closed. @default 60000 */
  idleTimeout?: number
  /** Time in which both sides of a connection have to prove that they belong to the mesh. @default 3000 */
  handshakeTimeout?: number
  /** Connections that this node takes from one address. @default 1024 */
  maxConnectionsPerAddress?: number
  /** Requests of one connection that are served at a time; its caller sends one more elsewhere. @default 2048 */
  maxInFlightPerConnection?: number
  /** Events a second that are taken from one connection; it is read more slowly when there are more. @default 200000 */
  maxEventRate?: number
}

/** All that the transport works with. */
export interface ResolvedOptions {
  /** As cote writes it into keys: empty, or the name and a colon. */
  readonly environment: string
  readonly discovery: DiscoveryOptions
  readonly listen: BindOptions
  readonly maxMessageSize: number
  readonly maxBacklog: number
  readonly connectTimeout: number
  readonly idleTimeout: number
  readonly handshakeTimeout: number
  readonly maxConnectionsPerAddress: number
  readonly maxInFlightPerConnection: number
  readonly maxEventRate: number
  readonly log: boolean
}

const LOOPBACK_BROADCAST = '127.255.255.255'
const LOOPBACK = '127.0.0.1'
const EVERYWHERE = '0.0.0.0'
/** Of both families. */
const REALLY_EVERYWHERE = '::'

/** feathers-distributed's intervals; a crash is noticed by its connection, so hellos can be rare. */
const DEFAULTS = {
  port: 12345,
  broadcast: LOOPBACK_BROADCAST,
  environment: '',
  helloInterval: 10_000,
  checkInterval: 20_000,
  nodeTimeout: 30_000,
  maxMessageSize: 16 * 1024 * 1024,
  maxBacklog: 32 * 1024 * 1024,
  connectTimeout: 3_000,
  idleTimeout: 60_000,
  handshakeTimeout: 3_000,
  maxConnectionsPerAddress: 1_024,
  maxInFlightPerConnection: 2_048,
  maxEventRate: 200_000,
  useHostNames: false
}

/** Fills in cote's environment variables (`COTE_ENV`, …) and the defaults; the options given go first. */
export function resolveOptions (given: CoteOptions = {}): ResolvedOptions {
  const options = { ...DEFAULTS, ...withEnvironment(given) }
  const local = staysOnThisMachine(options)
  const environment = options.environment === '' ? '' : `${options.environment}:`
  return {
    environment,
    discovery: {
      environment,
      port: options.port,
      address: local && options.unicast === undefined ? localDiscoveryAddress() : EVERYWHERE,
      broadcast: options.broadcast,
      multicast: options.multicast,
      unicast: options.unicast === undefined ? undefined : [options.unicast].flat().map(reachable),
      helloInterval: options.helloInterval,
      checkInterval: options.checkInterval,
      nodeTimeout: options.nodeTimeout,
      useHostNames: options.useHostNames
    },
    listen: {
      host: options.address ?? (local ? LOOPBACK : everywhere(options)),
      basePort: options.basePort,
      highestPort: options.highestPort
    },
    maxMessageSize: options.maxMessageSize,
    maxBacklog: options.maxBacklog,
    connectTimeout: options.connectTimeout,
    idleTimeout: options.idleTimeout,
    handshakeTimeout: options.handshakeTimeout,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress,
    maxInFlightPerConnection: options.maxInFlightPerConnection,
    maxEventRate: options.maxEventRate,
    // Not what cote makes of the variable: for feathers-distributed any text in it stands for true.
    log: given.log ?? Boolean(process.env.COTE_LOG)
  }
}

/** Whether nothing of a node with these options, and this environment, can be reached from another machine. */
export function staysOnThisMachine (given: CoteOptions): boolean {
  const { address = LOOPBACK, ...discovery } = withEnvironment(given)
  return [...destinationsOf(discovery), address].every(isThisMachine)
}

/** What is wrong with an address that peers could not find this node at; empty when nothing is. */
export function addressFaults (given: CoteOptions): string[] {
  const { address, ...discovery } = withEnvironment(given)
  // Names are looked up later, and this one is for all addresses.
  if (address === undefined || isIP(address) === 0 || address === REALLY_EVERYWHERE) return []
  const destinations = destinationsOf(discovery)
  const fault = isOfIPv6(address) ? faultOfIPv6(address, destinations) : faultOfIPv4(destinations)
  if (fault === undefined) return []
  return [`option 'cote.address' is ${address}, but ${fault} (${destinations.join(', ')}), and peers look for a node ` +
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

/** Where hellos go. */
function destinationsOf ({ broadcast = LOOPBACK_BROADCAST, multicast, unicast }: CoteOptions): string[] {
  return unicast === undefined ? [multicast ?? broadcast] : [unicast].flat()
}

/** IPv6 has no broadcast, and of all sockets that share a port one alone would get a packet that is for ::1. */
function reachable (host: string): string {
  return isOfIPv6(host) && isLoopback(host) ? LOOPBACK_BROADCAST : host
}

function everywhere (discovery: CoteOptions): string {
  return destinationsOf(discovery).some(isOfIPv6) ? REALLY_EVERYWHERE : EVERYWHERE
}

/** Linux gives a socket that is bound to the broadcast address only what was broadcast on loopback. */
function localDiscoveryAddress (): string {
  return process.platform === 'linux' ? LOOPBACK_BROADCAST : EVERYWHERE
}

/** cote's own variables, for what the options leave out; its builder reads them anew each time. */
function withEnvironment (given: CoteOptions): CoteOptions {
  // The builder types nothing; what the variables hold was parsed by it.
  return { ...withoutEmpty(buildOptions({})) as CoteOptions, ...withoutEmpty(given) }
}

/** cote's builder has null for what is not set, and NaN for what is no number. */
function withoutEmpty<T extends object> (options: T): T {
  const given = Object.entries(options).filter(([, value]) => !['', null, undefined, NaN].includes(value))
  return Object.fromEntries(given) as T
}
