import { nearestName } from '../contract/nearest-name'
import type { DistributedEventOptions, DistributedOptions } from '../decorators/metadata'
import { kindOfValue, printablePart } from '../printable'
import { isRecord } from '../record'

/** The names of the options of a class; the compiler demands each. */
const CLASS_OPTIONS: { readonly [K in keyof Required<DistributedOptions>]: true } = {
  path: true, methods: true, events: true, version: true, validation: true, allow: true
}

/** The same for events. */
const EVENT_OPTIONS: { readonly [K in keyof Required<DistributedEventOptions>]: true } = {
  payload: true, allow: true, durable: true
}

/** Options of `@Distributed` that there are not. */
export function unknownClassOptions (place: string, options: unknown): string[] {
  return unknownOptions(place, options, Object.keys(CLASS_OPTIONS))
}

/** Options of `@DistributedEvent` that there are not. */
export function unknownEventOptions (place: string, options: unknown): string[] {
  return unknownOptions(place, options, Object.keys(EVENT_OPTIONS))
}

/** Options that there are not, a sentence each: one that is misspelt would be passed over, an `allow` as well. */
export function unknownOptions (place: string, options: unknown, names: readonly string[]): string[] {
  if (!isRecord(options)) return [`${place}: the options must be an object, not ${kindOfValue(options)}`]
  return Object.keys(options).filter(name => !names.includes(name)).map(name => {
    const near = nearestName(name, names)
    const meant = near === undefined ? `; there are: ${names.join(', ')}` : `; did you mean '${near}'?`
    return `${place}: unknown option '${printablePart(name)}'${meant}`
  })
}
