import { hasMethods, wrong } from '../../option-table/kinds'
import { Option } from '../../option-table/option'
import { suggestion } from '../../option-table/check'
import { withoutCredentials } from '../../printable'
import { NatsBroker } from '../../transport/nats/nats-broker'
import { NATS_SCHEMES } from '../../transport/nats/options/nats-servers'

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
export function transportChoice<T> (): Option<T> {
  return new Option<T>({
    faults: (value, place) => {
      if (value instanceof NatsBroker || hasMethods(value, METHODS)) return []
      if (Array.isArray(value)) return [severalFault(place.name)]
      if (typeof value !== 'string') return [wrong(place, 'be a transport, the name of one, or the URL of a server')]
      return textFaults(value, place.name)
    },
    parse: text => text.trim()
  })
}

function textFaults (value: string, name: string): string[] {
  if (TRANSPORT_NAMES.some(known => known === value)) return []
  if (/\s/.test(value)) return [severalFault(name)]
  if (!isNatsUrl(value)) {
    return [`${name} names an unknown transport '${withoutCredentials(value)}'${suggestion(value, [...TRANSPORT_NAMES, 'nats://…'])}`]
  }
  const broker = NatsBroker.read(name, value)
  return broker instanceof NatsBroker ? [] : [...broker]
}

function severalFault (name: string): string {
  return `${name} names several transports, and a node has one; leave all but one out`
}
