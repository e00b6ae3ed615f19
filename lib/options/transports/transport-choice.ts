import { hasMethods, wrong } from '../../option-table/kinds'
import { Option } from '../../option-table/option'
import { suggestion } from '../../option-table/check'
import { withoutCredentials } from '../../printable'

/** The transports that a name makes. */
export const TRANSPORT_NAMES = ['cote'] as const

/** The name of a transport. */
export type TransportName = typeof TRANSPORT_NAMES[number]

/** The methods by which a transport is known. */
const METHODS = ['start', 'stop', 'request', 'publish']

/** A transport, or the name of one. */
export function transportChoice<T> (): Option<T> {
  return new Option<T>({
    faults: (value, place) => {
      if (hasMethods(value, METHODS)) return []
      if (typeof value !== 'string') return [wrong(place, 'be a transport, or the name of one')]
      if (TRANSPORT_NAMES.some(name => name === value)) return []
      return [`${place.name} names an unknown transport '${withoutCredentials(value)}'${suggestion(value, TRANSPORT_NAMES)}`]
    },
    parse: text => text
  })
}
