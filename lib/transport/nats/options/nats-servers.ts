import { withoutCredentials } from '../../../printable'

/** The schemes of URLs of NATS servers; the second one asks for TLS. */
export const NATS_SCHEMES = ['nats', 'tls'] as const

/** Servers, and what their URLs say beside. */
export interface NatsServers {
  /** Host and port of each, as the client takes them. */
  readonly places: readonly string[]
  /** The hosts alone. */
  readonly hosts: readonly string[]
  readonly isTls: boolean
  readonly credentials: { readonly user?: string, readonly pass?: string, readonly token?: string }
}

/** Servers, or what is wrong with their description: the end of a sentence, without credentials. */
export type ReadServers =
  { readonly servers: NatsServers, readonly fault?: undefined } |
  { readonly servers?: undefined, readonly fault: string }

const PLACE = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/i
const MAX_PORT = 65_535
const EXPECTED = 'must be hosts with a port or without, with commas between them: nats://a:4222,b:4222'

/** Reads URLs of servers: one for all of them, or one for each. */
export function readServers (given: string | readonly string[]): ReadServers {
  const urls = (typeof given === 'string' ? given : given.join(',')).split(',').map(url => url.trim())
  const found = { places: [] as string[], hosts: [] as string[], isTls: false, credentials: {} }
  for (const url of urls) {
    const [, scheme, rest] = /^(?:([a-z+]+):\/\/)?(.*)$/is.exec(url) ?? []
    if (scheme !== undefined && !NATS_SCHEMES.some(name => name === scheme)) {
      return { fault: `names ${withoutCredentials(url)}, which is no server of nats:// or tls://` }
    }
    const at = rest.lastIndexOf('@')
    const place = placeOf(rest.slice(at + 1))
    if (place === undefined) return { fault: EXPECTED }
    found.places.push(`${place.host}:${place.port}`)
    found.hosts.push(place.host.replace(/^\[|\]$/g, ''))
    found.isTls ||= scheme === 'tls'
    if (at > 0) Object.assign(found.credentials, credentialsOf(rest.slice(0, at)))
  }
  return { servers: found }
}

function placeOf (text: string): { readonly host: string, readonly port: number } | undefined {
  const [, host, digits = '4222'] = PLACE.exec(text) ?? []
  const port = Number(digits)
  return host === undefined || port < 1 || port > MAX_PORT ? undefined : { host, port }
}

/** `user:password`, or a token alone. */
function credentialsOf (text: string): NatsServers['credentials'] {
  const colon = text.indexOf(':')
  return colon < 0
    ? { token: decoded(text) }
    : { user: decoded(text.slice(0, colon)), pass: decoded(text.slice(colon + 1)) }
}

/** A text that is not encoded correctly is taken as it is. */
function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
