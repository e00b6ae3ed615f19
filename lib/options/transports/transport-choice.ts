import { hasMethods, wrong } from '../../option-table/kinds'
import { Option, type Place } from '../../option-table/option'
import { suggestion } from '../../option-table/check'
import { withoutCredentials } from '../../printable'
import { NatsBroker } from '../../transport/nats/nats-broker'
import { NATS_SCHEMES } from '../../transport/nats/options/nats-servers'
import type { Transport } from '../../transport/transport'

/** The transports that a name makes. */
export const TRANSPORT_NAMES = ['cote'] as const

/** The name of a transport. */
export type TransportName = typeof TRANSPORT_NAMES[number]

/** The methods by which a transport is known. */
const METHODS = ['start', 'stop', 'request', 'publish']

/** URLs of servers on which nodes meet, such as `nats://a:4222,b:4222`. */
export type TransportUrl = `${typeof NATS_SCHEMES[number]}://${string}`

/** Whether a text is a URL of NATS servers. */
export function isNatsUrl (text: string): boolean {
  return NATS_SCHEMES.some(scheme => text.startsWith(`${scheme}://`))
}

/** A transport, the name of one, the URL of a server, or a broker with options. */
export type TransportSpec = Transport | NatsBroker | TransportName | TransportUrl

/** How many transports a node has, at most: each of its peers may be met by all of them. */
const MAX_TRANSPORTS = 8

/** A transport, or a list of some: those first that are preferred. In a variable, spaces are between them. */
export function transportChoice<T> (): Option<T> {
  return new Option<T>({
    faults: (value, place) => Array.isArray(value) ? listFaults(value, place) : specFaults(value, place),
    parse: text => {
      const specs = text.trim().split(/\s+/)
      return specs.length === 1 ? specs[0] : specs
    }
  })
}

function specFaults (value: unknown, place: Place): string[] {
  if (value instanceof NatsBroker || hasMethods(value, METHODS)) return []
  if (typeof value !== 'string') return [wrong(place, 'be a transport, the name of one, or the URL of a server')]
  return textFaults(value, place.name)
}

function listFaults (given: readonly unknown[], place: Place): string[] {
  const { name } = place
  // A list may have holes, which are skipped otherwise.
  const list = Array.from(given)
  if (list.length === 0) return [`${name} is an empty list, and a node needs a transport`]
  if (list.length > MAX_TRANSPORTS) return [`${name} names ${list.length} transports; a node has at most ${MAX_TRANSPORTS}`]
  const twice = list.find((each, at) => list.indexOf(each) !== at)
  return [
    ...list.flatMap(each => specFaults(each, place)),
    ...twice === undefined ? [] : [`${name} names ${titleOf(twice)} twice; leave one out`]
  ]
}

/** What messages call an entry of a list. */
function titleOf (spec: unknown): string {
  return typeof spec === 'string' ? `'${withoutCredentials(spec)}'` : 'the same transport'
}

function textFaults (value: string, name: string): string[] {
  if (TRANSPORT_NAMES.some(known => known === value)) return []
  if (/\s/.test(value)) return [`${name} is a text with spaces; name several transports in a list`]
  if (!isNatsUrl(value)) {
    return [`${name} names an unknown transport '${withoutCredentials(value)}'${suggestion(value, [...TRANSPORT_NAMES, 'nats://…'])}`]
  }
  const broker = NatsBroker.read(name, value)
  return broker instanceof NatsBroker ? [] : [...broker]
}
