import { ConfigurationError } from '../../../../errors'
import { isIPAddress } from '../../../ip-address'
import { fieldsOf, isText } from '../../../../record'
import { placeOf, readPlace } from '../../addresses'
import type { NodePlace, PlaceWay } from '../way'
import { DnsWay } from './dns-way'
import { StaticWay } from './static-way'
import type { ReadWay } from './url'

/** The port that DNS listens on. */
const DNS_PORT = 53

const PLACES =
  'must be followed by addresses or names with their ports, with commas between them: 10.0.0.7:4100,todos:4100'
const NO_PORT = 'needs the port of each node: 10.0.0.7:4100,[fd00::7]:4100'
const LIST = "takes a list of addresses or names with their ports: ['10.0.0.7:4100', 'todos:4100']"
const FIELDS = "takes a name, and perhaps a server: { name: 'todos.internal:4100', server: '10.0.0.53' }"
const NAME = 'must be followed by a name and a port, and perhaps a server: todos.internal:4100?server=10.0.0.53:53'
const NO_NAME = 'needs a name that DNS knows; for addresses there is static://'
const SERVICE = 'must be followed by the name of SRV records, which have the ports: _mesh._tcp.todos.internal'
const SERVER = 'has a query that is wrong: it takes server, the address of a DNS server, and perhaps its port'

/** What `dns()` takes. */
export interface DnsOptions {
  /**
   * The name of the nodes, with the port that all of them listen on: `todos.internal:4100`; or a name of SRV records,
   * which have the ports: `_mesh._tcp.todos.internal`.
   */
  readonly name: string
  /** The address of a DNS server, and perhaps its port. @default the servers of the system */
  readonly server?: string
}

/** Reads what stands behind `static://`. */
export function readStatic (rest: string): ReadWay {
  const places: NodePlace[] = []
  for (const text of rest.replace(/\/$/, '').split(',').map(each => each.trim())) {
    const { host, port } = readPlace(text) ?? {}
    if (host === undefined) return { fault: PLACES }
    if (port === undefined) return { fault: NO_PORT }
    places.push({ host, port })
  }
  return { way: new StaticWay(places) }
}

/** Reads what stands behind `dns://`. */
export function readDns (rest: string): ReadWay {
  const { name, server, fault } = partsOf(rest)
  if (fault !== undefined) return { fault }
  const { host, port } = readPlace(name) ?? {}
  if (host !== undefined && isIPAddress(host)) return { fault: NO_NAME }
  return host === undefined || port === undefined ? { fault: NAME } : { way: new DnsWay({ name: host, port, server }) }
}

/** Reads what stands behind `dns+srv://`. */
export function readDnsSrv (rest: string): ReadWay {
  const { name, server, fault } = partsOf(rest)
  if (fault !== undefined) return { fault }
  return /^_[\w-]+\._tcp\.[\w.-]+$/.test(name) ? { way: new DnsWay({ name, server }) } : { fault: SERVICE }
}

type Parts =
  { readonly name: string, readonly server: string | undefined, readonly fault?: undefined } |
  { readonly name?: undefined, readonly server?: undefined, readonly fault: string }

/** The name, and the server with its port. */
function partsOf (rest: string): Parts {
  const [name = '', query] = rest.split(/\/?\?(.*)$/s)
  if (query === undefined) return { name: name.replace(/\/$/, ''), server: undefined }
  const [, text = ''] = /^server=([^&]*)$/.exec(query) ?? []
  const { host = '', port = DNS_PORT } = readPlace(text) ?? {}
  return isIPAddress(host) ? { name, server: placeOf(host, port) } : { fault: SERVER }
}

/** @throws {@link ConfigurationError} for what the reader refuses */
function made (name: string, { way, fault }: ReadWay): PlaceWay {
  if (way === undefined || !('look' in way)) throw new ConfigurationError([`${name}() ${fault ?? ''}`])
  return way
}

/**
 * Nodes find each other at addresses or names with ports: a value for `discovery`. A node that only asks others needs
 * to be in no list itself.
 *
 * @throws {@link ConfigurationError} for one without a port
 */
export function staticNodes (places: readonly string[]): PlaceWay {
  const isList = Array.isArray(places) && places.length > 0 && Array.from(places).every(isText)
  if (!isList) throw new ConfigurationError([`staticNodes() ${LIST}`])
  return made('staticNodes', readStatic(places.join(',')))
}

/**
 * Nodes find each other by the records of a name in DNS: a value for `discovery`.
 *
 * @throws {@link ConfigurationError} for options that are wrong
 */
export function dns (options: DnsOptions): PlaceWay {
  const { name, server, ...others } = fieldsOf(options)
  const unknown = Object.keys(others)
  if (unknown.length > 0) throw new ConfigurationError([`dns() knows no option ${unknown.join(', ')}; ${FIELDS}`])
  if (!isText(name) || server !== undefined && !isText(server)) throw new ConfigurationError([`dns() ${FIELDS}`])
  const rest = server === undefined ? name : `${name}?server=${server}`
  return made('dns', name.startsWith('_') ? readDnsSrv(rest) : readDns(rest))
}
