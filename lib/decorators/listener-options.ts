import { ConfigurationError } from '../errors'
import { kindOfValue, printablePart } from '../printable'
import { isRecord } from '../record'
import { MAX_GROUP_BYTES } from '../contract/contract-bounds'

/** Options of a listener. */
export interface ListenerOptions {
  /**
   * The group of the listener: each event goes to one listener of the group, on whichever node. What is lost with a
   * node that dies is told to the others by 'gap'.
   * @default none: the listener hears every event
   */
  readonly group?: string
  /**
   * The durable group of the listener, for events that their publisher declares durable.
   * @default none
   */
  readonly durable?: string
}

const NAMES = ['group', 'durable']

/** What is wrong with the options of a listener of an event. @param what - the event, for people */
export function listenerFaults (what: string, event: string, options: unknown): string[] {
  if (options === undefined) return []
  if (!isRecord(options)) return [`${what}: its options must be an object, not ${kindOfValue(options)}`]
  const unknown = Object.keys(options).filter(name => !NAMES.includes(name))
  const { group, durable } = options
  return [
    ...unknown.map(name => `${what}: a listener has no option '${printablePart(name)}'; there are group and durable`),
    ...group === undefined ? [] : nameFaults(what, 'group', group),
    ...durable === undefined ? [] : durableFaults(what, durable),
    ...event === 'gap' && group !== undefined ? [`${what}: every listener is told each gap, so 'gap' has no group`] : []
  ]
}

function nameFaults (what: string, option: string, name: unknown): string[] {
  if (typeof name === 'string' && name !== '' && Buffer.byteLength(name) <= MAX_GROUP_BYTES) return []
  return [`${what}: ${option} must be a text of 1 to ${MAX_GROUP_BYTES} bytes`]
}

function durableFaults (what: string, durable: unknown): string[] {
  const wrong = nameFaults(what, 'durable', durable)
  if (wrong.length > 0) return wrong
  return [`${what} is not a durable event, so it has no durable group '${printablePart(String(durable))}': events that ` +
    'nobody stores are given to a member at most once; say { group } in the place of { durable }']
}

/**
 * The group that the options of a listener name.
 *
 * @throws {@link ConfigurationError} for options that are wrong
 */
export function groupOf (path: string, event: string, options: ListenerOptions | undefined): string | undefined {
  if (options === undefined) return undefined
  const faults = listenerFaults(`a listener of '${printablePart(event)}' of '${printablePart(path)}'`, event, options)
  if (faults.length > 0) throw new ConfigurationError(faults)
  return options.group
}
