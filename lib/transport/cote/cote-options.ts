import { isIPv4 } from 'node:net'
import {
  anyTextWithin, bytes, count, flag, isListOf, MAX_PORT, milliseconds, only, port, text, textWithin, wrong
} from '../../option-table/kinds'
import { Option, type ResolvedOf, type ValueOf } from '../../option-table/option'
import { foreignVariable, type Variables } from '../../option-table/variable'
import { isText } from '../../record'
import { isGroup, isOfIPv6, isOfMany, LOOPBACK_BROADCAST, readPlace } from './addresses'
import { readRedisOptions, type RedisOptions } from './discovery/ways/redis-place'
import { wayFaults, type WayOption } from './discovery/ways/schemes'
import { redisVariables } from './redis-variables'

/** Characters of a place that others are told. */
const MAX_ADVERTISED = 253
/** Bytes of the longest key or environment of a node: its hellos repeat them, and peers refuse longer ones. */
export const MAX_NAME_BYTES = 1_000

const group = only<string>('the address of a group: 239.1.2.3, or ff12::6d65', isGroup)
const addresses = only<string | string[]>(
  'an address, or a list of them', value => isText(value) || isListOf(isText)(value)
)

const broadcastAddress = new Option<string>({
  faults: (value, place) => {
    if (typeof value === 'string' && isIPv4(value)) return []
    return [wrong(place, typeof value === 'string' && isOfIPv6(value)
      ? 'be an address of IPv4, as IPv6 has no broadcast; give a group as multicast, or addresses as unicast'
      : 'be an ip address')]
  },
  parse: address => address
})

/** Ways to find other nodes; in a variable, spaces separate several. */
export const waysOption = new Option<WayOption>({
  faults: (value, { name }) => wayFaults(value, name),
  parse: urls => urls.split(/\s+/).filter(url => url !== '')
}).from('MESH_DISCOVERY').hide()

/** Others would look for it on their own machines at `0.0.0.0`. */
function isOfOneNode (host: string | undefined): boolean {
  return host !== undefined && !isOfMany(host)
}

/** Where other nodes reach this one. */
export const advertisedPlace = only<string>(
  "an address or a name, and perhaps a port: '10.0.0.7', 'todos.internal:4100', '[fd00::7]:4100'",
  value => typeof value === 'string' && value.length <= MAX_ADVERTISED && isOfOneNode(readPlace(value)?.host)
)

/** A Redis server, as cote takes it. */
const redisServer = new Option<RedisOptions | string | true>({
  faults: (value, { name }) => {
    const { fault } = readRedisOptions(value)
    return fault === undefined ? [] : [`${name} ${fault}`]
  },
  parse: url => url
}).from(redisVariables).hide()

/** cote reads its numbers by this function. */
const digits = (number: string): number => parseInt(number, 10)
/** feathers-distributed reads its ports by Number; 0 leaves the choice to the system, as no port does. */
const portDigits = (number: string): number | undefined => Number(number) === 0 ? undefined : Number(number)
/** It compares ports with the last one, which may be any number above them. */
const lastPort = (number: string): number | undefined => {
  const last = portDigits(number)
  return last === undefined ? undefined : Math.min(Math.floor(last), MAX_PORT)
}

/** cote takes any text for true. */
const cotesHostNames = foreignVariable('COTE_USE_HOST_NAMES', () => true)
/** Where cote finds nodes by a plug-in it has no addresses, only host names. */
const cotesPlugins = {
  name: 'COTE_DISCOVERY_…',
  read: (variables: Variables) =>
    Object.keys(variables).some(name => name.startsWith('COTE_DISCOVERY_')) ? true : undefined
}
/** cote documents it, and does not read it. */
const cotesBroadcast = foreignVariable('COTE_BROADCAST_ADDRESS', address => address)
/** cote's address for the container cloud of Docker. */
const dockerCloud = {
  name: 'DOCKERCLOUD_IP_ADDRESS',
  read: ({ DOCKERCLOUD_IP_ADDRESS, COTE_BROADCAST_ADDRESS }: Variables) =>
    isText(DOCKERCLOUD_IP_ADDRESS) && !isText(COTE_BROADCAST_ADDRESS) ? '10.7.255.255' : undefined
}
/** For feathers-distributed any text in it stands for true. */
const distributedLog = foreignVariable('COTE_LOG', () => true)

/** The options of the cote transport: a new one is a row here. */
export const COTE_OPTIONS = {
  /** How nodes find each other; `discovery` of the node says the same. @default by `broadcast` */
  discovery: waysOption,
  /** UDP port of discovery; all nodes of a mesh share it. @default 12345 */
  port: port.or(12345),
  /** Where hellos are broadcast to. @default '127.255.255.255', this machine; for the plugin '255.255.255.255' */
  broadcast: broadcastAddress.from(cotesBroadcast, dockerCloud).or(LOOPBACK_BROADCAST),
  /** A multicast group for hellos, instead of a broadcast: of IPv4 or IPv6, `ff12::6d65` or `ff02::6d65%eth0`. */
  multicast: group.from(foreignVariable('COTE_MULTICAST_ADDRESS', address => address)),
  /**
   * A Redis server that hands hellos on, instead of a broadcast: options of ioredis, `{ host, port, password }`, or
   * `{ url }` for `redis://` and `rediss://`.
   */
  redis: redisServer,
  /** Addresses that hellos are sent to one by one, instead of a broadcast. */
  unicast: addresses,
  /**
   * The address that this node listens on; `listen` of the node says the same.
   * @default '127.0.0.1', or if hellos go beyond this machine '0.0.0.0', with IPv6 '::'
   */
  address: text,
  /** Nodes of other environments are ignored; `environment` of the node says the same. Up to 1000 bytes. @default '' */
  environment: anyTextWithin(MAX_NAME_BYTES).from('MESH_ENVIRONMENT', foreignVariable('COTE_ENV', name => name)).or(''),
  /** How often a node announces itself. @default 10000 ms */
  helloInterval: milliseconds.from(foreignVariable('COTE_HELLO_INTERVAL', digits)).or(10_000),
  /** How often silent nodes are looked for. @default 20000 ms */
  checkInterval: milliseconds.from(foreignVariable('COTE_CHECK_INTERVAL', digits)).or(20_000),
  /** A node that sends no hello for this long is gone. @default 30000 ms */
  nodeTimeout: milliseconds.from(foreignVariable('COTE_NODE_TIMEOUT', digits)).or(30_000),
  /** Whether peers are reached by the host names that they announce, instead of their addresses. @default false */
  useHostNames: flag.from(cotesHostNames, cotesPlugins).or(false),
  /**
   * The address or name at which others reach this node, and perhaps a port; `advertise` of the node says the same.
   * @default where its hellos come from
   */
  advertise: advertisedPlace.from('MESH_ADVERTISE'),
  /** The host name that this node announces; at most 253 bytes. @default that of `advertise`, or of the machine */
  hostName: textWithin(253).from(foreignVariable('DISCOVERY_HOSTNAME', name => name)),
  /** Whether each node that comes or goes is written to the console. @default false */
  log: flag.from('MESH_LOG', distributedLog).or(false),
  /** The first TCP port to try. @default any free port */
  basePort: port.from(foreignVariable('BASE_PORT', portDigits)),
  /** The last TCP port to try. @default basePort */
  highestPort: port.from(foreignVariable('HIGHEST_PORT', lastPort)),
  /** The longest message, either way. @default 16777216 bytes */
  maxMessageSize: bytes.or(16 * 1024 * 1024),
  /** What may wait to be sent to a peer; beyond it, calls go elsewhere, events are dropped. @default 33554432 bytes */
  maxBacklog: bytes.or(32 * 1024 * 1024),
  /** Time to establish a connection. @default 3000 ms */
  connectTimeout: milliseconds.or(3_000),
  /** Time after which an unused connection is closed. @default 60000 ms */
  idleTimeout: milliseconds.or(60_000),
  /** Time in which both sides of a connection must prove that they belong to the mesh. @default 3000 ms */
  handshakeTimeout: milliseconds.or(3_000),
  /** Time in which the other side of a connection has to say something, on a mesh without proofs. @default 30000 ms */
  silentConnectionTimeout: milliseconds.or(30_000),
  /**
   * Connections that a port accepts from one address, and as many that have not proven themselves yet, of which the
   * oldest gives way to the next one. @default 1024
   */
  maxConnectionsPerAddress: count.or(1_024),
  /** Connections that a port accepts in all, at most half of the files that the process may open. @default 8192 */
  maxConnections: count.or(8_192),
  /** Requests of one connection that are served at a time; its caller sends further ones elsewhere. @default 2048 */
  maxInFlightPerConnection: count.or(2_048),
  /** What these requests may take; a single one may take more. @default 67108864 bytes */
  maxInFlightBytesPerConnection: bytes.or(64 * 1024 * 1024),
  /** What unfinished messages of all connections may take; the oldest is given up. @default 134217728 bytes */
  maxUnfinishedBytes: bytes.or(128 * 1024 * 1024),
  /** What may wait to be sent to all callers; the one that waits for most is cut off. @default 268435456 bytes */
  maxTotalBacklog: bytes.or(256 * 1024 * 1024),
  /** Events a second that are accepted from one connection; beyond it, it is read more slowly. @default 200000 */
  maxEventRate: count.or(200_000)
}

/** The options of `cote: { … }`, with cote's names. */
// Mapped here, not by OptionsOf: so messages of the compiler name it instead of its table.
export type CoteOptions = { [Name in keyof typeof COTE_OPTIONS]?: ValueOf<typeof COTE_OPTIONS[Name]> }

/** The options of single connections, with their defaults filled in. */
export type ConnectionLimits = Pick<
  ResolvedOf<typeof COTE_OPTIONS>,
  'maxMessageSize' | 'maxBacklog' | 'connectTimeout' | 'idleTimeout' | 'maxInFlightPerConnection' |
  'maxInFlightBytesPerConnection' | 'maxEventRate'
>
