import { isOptions, withoutEmpty } from '../../../../option-table/given'
import { isText, propertiesOf } from '../../../../record'
import { isPort } from '../../addresses'
import { partsOfUrl } from './url'

/** How a Redis server is reached: options of ioredis, with a URL for those that it can say. */
export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://…` for TLS. What it says counts before the other options. */
  readonly url?: string
  /** @default 'localhost' */
  readonly host?: string
  /** @default 6379 */
  readonly port?: number | string
  readonly username?: string
  readonly password?: string | number
  /** The number of a database. It makes no difference to who hears whom: messages of Redis know no databases. */
  readonly db?: number | string
  /** Options of Node's `tls.connect`, such as `ca`; `true` for none. */
  readonly tls?: object | true
  /** Any other option of ioredis. */
  readonly [option: string]: unknown
}

/** A Redis server, as ioredis takes it. */
export interface RedisPlace {
  readonly host: string
  readonly port: number
  /** All options for ioredis, credentials among them. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A server, or what is wrong with its description: the end of a sentence, without credentials. */
export type ReadPlace =
  { readonly place: RedisPlace, readonly fault?: undefined } |
  { readonly place?: undefined, readonly fault: string }

const DEFAULT_PORT = 6379
/** `host`, `host:port`, each with `/db` or without, and with a query or without. */
const PLACE = /^(\[[\da-f:.]+(?:%[\w.-]+)?\]|[\w.-]+)(?::(\d{1,5}))?(?:\/(\d{1,9})?)?(\?[^#]*)?$/i

const EXPECTED = 'must be followed by a host and, if need be, a port and a database: user:password@host:6379/0'
const NO_QUERY = 'has a query of more than db and family, which are numbers; give all else to ' +
  "redis({ url, … }) of 'feathers-mesh/redis'"
const NO_PASSWORD = 'has a user and no password; write a password as :password@host'

/** What several servers are told apart by: nodes look for each other through one of them. */
export const ONE_SERVER =
  'asks for several servers of Redis, or for Sentinel or Cluster, which are not supported; give the URL of one server'

/** Reads what stands behind `redis://` and `rediss://`. */
export function readRedisUrl (scheme: string, rest: string): ReadPlace {
  const at = rest.lastIndexOf('@')
  const where = rest.slice(at + 1)
  if (where.includes(',')) return { fault: ONE_SERVER }
  const [, host, digits = DEFAULT_PORT, db, query = ''] = PLACE.exec(where) ?? []
  const port = Number(digits)
  if (host === undefined || !isPort(port)) return { fault: EXPECTED }
  const asked = readQuery(query)
  if (asked === undefined) return { fault: NO_QUERY }
  const { username, password } = credentialsOf(rest.slice(0, Math.max(at, 0)))
  if (username !== undefined && password === undefined) return { fault: NO_PASSWORD }
  const place = { host: host.replace(/^\[|\]$/g, ''), port }
  const ofPath = withoutEmpty({ db: db === undefined ? undefined : Number(db) })
  const ofScheme = scheme === 'rediss' ? { tls: {} } : {}
  const options = { ...place, ...withoutEmpty({ username, password }), ...asked, ...ofPath, ...ofScheme }
  return { place: { ...place, options } }
}

/** What of ioredis a query may say; undefined for anything else. */
function readQuery (query: string): { readonly db?: number, readonly family?: number } | undefined {
  const asked: Record<string, number> = {}
  for (const [name, value] of new URLSearchParams(query)) {
    if (!['db', 'family'].includes(name) || !/^\d{1,9}$/.test(value)) return undefined
    asked[name] = Number(value)
  }
  return asked
}

/** Reads options of ioredis, as cote and variables give them. */
export function readRedisOptions (given: unknown): ReadPlace {
  if (typeof given === 'string') return readUrl(given)
  if (given === true) return readRedisOptions({})
  if (!isOptions(given)) return { fault: 'must be an object such as { host, port, password }, or a URL of redis://' }
  const { url, ...options } = { ...propertiesOf(given) }
  if (['sentinels', 'nodes', 'startupNodes'].some(name => options[name] !== undefined)) return { fault: ONE_SERVER }
  const ofUrl = url === undefined || url === '' ? undefined : readUrl(url)
  const fault = ofUrl?.fault ?? faultOf(options)
  return fault === undefined ? { place: merged(options, ofUrl?.place) } : { fault }
}

function readUrl (url: unknown): ReadPlace {
  const { scheme = '', rest = '' } = typeof url === 'string' ? partsOfUrl(url) ?? {} : {}
  if (/sentinel|cluster/.test(scheme)) return { fault: ONE_SERVER }
  if (scheme !== 'redis' && scheme !== 'rediss') return { fault: 'has a URL that is neither of redis:// nor of rediss://' }
  const read = readRedisUrl(scheme, rest)
  return read.fault === undefined ? read : { fault: `has a URL that is wrong: ${scheme}:// ${read.fault}` }
}

/** Where ioredis would look for the server instead, or besides. */
const OTHER_PLACES = ['path', 'Connector', 'connector', 'stream']
const OTHER_PLACES_OF_TLS = ['host', 'port', 'path', 'socket', 'lookup']

function otherPlace (options: Record<string, unknown>, tls: unknown): string | undefined {
  const tlsOptions = isOptions(tls) ? propertiesOf(tls) : {}
  const ofTls = OTHER_PLACES_OF_TLS.find(name => tlsOptions[name] !== undefined)
  return ofTls === undefined ? OTHER_PLACES.find(name => options[name] !== undefined) : `tls.${ofTls}`
}

function faultOf ({ host, port, tls, ...others }: Record<string, unknown>): string | undefined {
  if (host !== undefined && !isText(host)) return 'has a host that is no text'
  if (!isCredential(others.username) || !isCredential(others.password)) {
    return 'has a username or a password that is neither a text nor a number'
  }
  const elsewhere = otherPlace(others, tls)
  if (elsewhere !== undefined) return `has ${elsewhere}, and a server is named by url, host and port alone`
  const number = port === undefined || port === '' ? DEFAULT_PORT : Number(port)
  if (!isPort(number)) return 'has a port that is none'
  if (tls === undefined || typeof tls === 'boolean' || isOptions(tls)) return undefined
  return 'has tls that is neither an object nor true'
}

/** What a URL says counts first, as with cote; TLS that it asks for has the options beside it. */
function merged (options: Record<string, unknown>, ofUrl: RedisPlace | undefined): RedisPlace {
  const { host = 'localhost', port, db, tls, username, password, ...others } = options
  const all = {
    ...others,
    ...username === undefined ? {} : { username: String(username) },
    ...password === undefined ? {} : { password: String(password) },
    host: String(host),
    port: port === undefined || port === '' ? DEFAULT_PORT : Number(port),
    ...db === undefined ? {} : { db: Number(db) },
    ...ofUrl?.options,
    ...isOptions(tls) ? { tls } : tls === true ? { tls: {} } : {}
  }
  return { host: all.host, port: all.port, options: all }
}

function isCredential (value: unknown): boolean {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
}

/** What stands before the `@` of a URL. */
function credentialsOf (text: string): { readonly username?: string, readonly password?: string } {
  const [, user = '', colon, password = ''] = /^([^:]*)(:?)([^]*)$/.exec(text) ?? []
  return {
    username: user === '' ? undefined : decoded(user),
    password: colon === '' ? undefined : decoded(password)
  }
}

/** A text that is not encoded correctly is taken as it is. */
function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
