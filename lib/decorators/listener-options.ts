import { MAX_GROUP_BYTES } from '../contract/contract-bounds'
import { MAX_TIMER_MS } from '../contract/method-policy'
import { ConfigurationError } from '../errors'
import { kindOfValue, printablePart } from '../printable'
import { isRecord } from '../record'

/** Options of a listener. */
export interface ListenerOptions {
  /**
   * The group of the listener: each event goes to one listener of the group, on whichever node. What is lost with a
   * node that dies is told to the others by 'gap'.
   * @default none: the listener hears every event
   */
  readonly group?: string
  readonly durable?: undefined
}

/** Options of a member of a durable group: an event is given again until a member has handled it. */
export interface DurableListenerOptions {
  /** The name of the group. It stays known, and gets its events, while it has no member. */
  readonly durable: string
  readonly group?: undefined
  /** Whether an event is given to nobody before the one before it is handled. @default false */
  readonly ordered?: boolean
  /**
   * Where the group begins when it is new: at the first event that is kept (`'start'`), at a time, or at the number of
   * an event. @default behind the last event that is kept
   */
  readonly from?: 'start' | Date | number
  /** Time after which events of a node that is gone are given to another one. @default 30000 ms */
  readonly ackTimeout?: number
  /** How often an event is given, at most; then it is a dead letter. @default 10 */
  readonly maxDeliveries?: number
  /** How many events the listener handles at a time; with `ordered` it is 1. @default 1 */
  readonly concurrency?: number
}

/** What a durable group needs to know of a member. */
export type DurableSettings = Required<Omit<DurableListenerOptions, 'group' | 'from'>> &
  Pick<DurableListenerOptions, 'from'>

const NAMES = ['group', 'durable']
/** Options that only members of a durable group have, and what each must be. */
const OF_DURABLE: Readonly<Record<string, { readonly be: string, readonly isValid: (value: unknown) => boolean }>> = {
  ordered: { be: 'true or false', isValid: value => typeof value === 'boolean' },
  from: { be: "'start', a valid Date, or the number of an event", isValid: isStart },
  ackTimeout: { be: `a whole number from 100 to ${MAX_TIMER_MS}, in ms`, isValid: isWithin(100, MAX_TIMER_MS) },
  maxDeliveries: { be: 'a whole number from 1 to 1000', isValid: isWithin(1, 1_000) },
  concurrency: { be: 'a whole number from 1 to 1000', isValid: isWithin(1, 1_000) }
}

const DEFAULTS = { ordered: false, ackTimeout: 30_000, maxDeliveries: 10, concurrency: 1 }

/** What is wrong with the options of a listener of an event. @param what - the event, for people */
export function listenerFaults (what: string, event: string, options: unknown): string[] {
  if (options === undefined) return []
  if (!isRecord(options)) return [`${what}: its options must be an object, not ${kindOfValue(options)}`]
  const { group, durable } = options
  const isDurable = durable !== undefined
  const names = isDurable ? [...NAMES, ...Object.keys(OF_DURABLE)] : NAMES
  const unknown = Object.keys(options).filter(name => !names.includes(name))
  return [
    ...unknown.map(name => unknownFault(what, name)),
    ...group === undefined ? [] : nameFaults(what, 'group', group),
    ...isDurable ? [...nameFaults(what, 'durable', durable), ...durableFaults(what, options)] : [],
    ...group !== undefined && isDurable ? [`${what}: a durable group is a group, so leave { group } out`] : [],
    ...event === 'gap' && (group !== undefined || isDurable)
      ? [`${what}: every listener is told each gap, so 'gap' has no group`]
      : []
  ]
}

/** The group that the options of a listener name, in memory or durable. */
export interface ReadListener {
  readonly group: string | undefined
  readonly durable: DurableSettings | undefined
}

/**
 * Reads the options of a listener.
 *
 * @throws {@link ConfigurationError} for options that are wrong
 */
export function readListener (
  path: string, event: string, options: ListenerOptions | DurableListenerOptions | undefined
): ReadListener {
  if (options === undefined) return { group: undefined, durable: undefined }
  const faults = listenerFaults(`a listener of '${printablePart(event)}' of '${printablePart(path)}'`, event, options)
  if (faults.length > 0) throw new ConfigurationError(faults)
  return { group: options.group, durable: durableSettings(options) }
}

/** The settings of a member of a durable group, with all defaults; undefined for another listener. */
export function durableSettings (options: ListenerOptions | DurableListenerOptions): DurableSettings | undefined {
  if (options.durable === undefined) return undefined
  const { durable, from, ordered = DEFAULTS.ordered, concurrency = DEFAULTS.concurrency } = options
  const { ackTimeout = DEFAULTS.ackTimeout, maxDeliveries = DEFAULTS.maxDeliveries } = options
  const start = from === undefined ? {} : { from }
  return { durable, ordered, ackTimeout, maxDeliveries, concurrency: ordered ? 1 : concurrency, ...start }
}

function unknownFault (what: string, name: string): string {
  const hint = name in OF_DURABLE ? ', which only members of a durable group have' : ''
  return `${what}: a listener has no option '${printablePart(name)}'${hint}; there are group and durable`
}

function nameFaults (what: string, option: string, name: unknown): string[] {
  if (typeof name === 'string' && name !== '' && Buffer.byteLength(name) <= MAX_GROUP_BYTES) return []
  return [`${what}: ${option} must be a text of 1 to ${MAX_GROUP_BYTES} bytes`]
}

function durableFaults (what: string, options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(OF_DURABLE)
    .filter(([name, { isValid }]) => options[name] !== undefined && !isValid(options[name]))
    .map(([name, { be }]) => `${what}: ${name} must be ${be}`)
}

function isStart (value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return value === 'start' || isWithin(1, Number.MAX_SAFE_INTEGER)(value)
}

function isWithin (min: number, max: number): (value: unknown) => boolean {
  return value => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}

/** The sentence for a durable group of an event that nobody keeps. */
export function notDurableFault (what: string, durable: string): string {
  return `${what} is not a durable event, so it has no durable group '${printablePart(durable)}': events that ` +
    'nobody stores are given to a member at most once; declare it with @DistributedEvent({ durable: true }), or ' +
    'say { group } in the place of { durable }'
}
