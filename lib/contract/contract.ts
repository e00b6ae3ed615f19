import { stripSlashes } from '../decorators/service-path'
import { isCallableName, isProtectedName } from './callable-name'
import { pathFault } from './path-fault'

export { stripSlashes }
export type { Caller } from '../decorators/allow'

/** One method of a service, as its callers see it. */
export interface MethodContract {
  readonly name: string
  /** Whether a call may be sent again when its outcome is unknown. */
  readonly idempotent: boolean
  /** Time for one call in milliseconds; the caller's own timeout goes before it. */
  readonly timeout?: number
  /** What its values are like, as far as classes say so. */
  readonly shapes?: MethodShapes
}

/** Short texts that are the same for the same shapes, so that contracts can be compared. */
export interface MethodShapes {
  readonly data?: string
  readonly id?: string
  readonly query?: string
  /** The name of the class. */
  readonly result?: string
}

/** The values of a method that have shapes. */
export const SHAPED = ['data', 'id', 'query', 'result'] as const

/**
 * What a service offers to the mesh: a plain object that JSON carries whole,
 * made from decorator metadata or from a Feathers service.
 */
export interface Contract {
  /** The path on the hosting app, without slashes at its ends. */
  readonly path: string
  readonly methods: readonly MethodContract[]
  /** Names of all events, the standard ones included. */
  readonly events: readonly string[]
  /** The field that identifies its records, as adapters of Feathers have it in `service.id`. */
  readonly id?: string
  /** Service options that the hosting side shares with its callers (`remoteServiceOptions`). */
  readonly remoteOptions?: Readonly<Record<string, unknown>>
  /** What its author calls this state of it. */
  readonly version?: string
  /** Of methods, events and shapes, made by the hosting node. */
  readonly hash?: string
}

/** Asks whether a service is there without calling a method of it; every host answers it. */
export const HEALTHCHECK = 'healthcheck'

/** The methods that Feathers knows by itself, in its order. */
export const STANDARD_METHODS = ['find', 'get', 'create', 'update', 'patch', 'remove'] as const

/** The events that Feathers emits for them. */
export const STANDARD_EVENTS = ['created', 'updated', 'patched', 'removed'] as const

const READS: readonly string[] = ['find', 'get']

const STANDARD: readonly string[] = STANDARD_METHODS

/** True for `find`, `get`, `create`, `update`, `patch` and `remove`. */
export function isStandardMethod (name: string): boolean {
  return STANDARD.includes(name)
}

const EVENTS: readonly string[] = STANDARD_EVENTS

/** True for `created`, `updated`, `patched` and `removed`. */
export function isStandardEvent (name: string): boolean {
  return EVENTS.includes(name)
}

/** Reads can be repeated; every other method only if it says so. */
export function isIdempotentByNature (name: string): boolean {
  return READS.includes(name)
}

/** Finds a method by name. */
export function methodOf (contract: Contract, name: string): MethodContract | undefined {
  return contract.methods.find(method => method.name === name)
}

const text = (value: unknown): value is string => typeof value === 'string' && value.length > 0

/** The longest text of a contract that is kept of what a peer says, beside names. */
const MAX_TEXT_LENGTH = 100

/** Whether something can be the id, the version, the hash or a shape of a contract. */
export function isShortText (value: unknown): value is string {
  return text(value) && value.length <= MAX_TEXT_LENGTH
}

/** Those of some fields that hold a short text. */
function shortTexts<T extends object> (fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isShortText(value))) as Partial<T>
}

/** Whether something is a number of milliseconds that a timer takes. */
export function isTimeout (value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < 2 ** 31
}

function isMethodContract (value: unknown): value is MethodContract {
  if (typeof value !== 'object' || value === null) return false
  const { name, idempotent, timeout } = value as Partial<MethodContract>
  return text(name) && typeof idempotent === 'boolean' && (timeout === undefined || isTimeout(timeout))
}

/**
 * Makes a contract of something that came over the network; undefined if nobody could call it. What can't be a method
 * is left out, as a newer node may offer other things, and so are fields that are not known here.
 */
export function readContract (value: unknown): Contract | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { path: location, methods, events, id, remoteOptions, version, hash } = value as Partial<Contract>
  const path = text(location) ? stripSlashes(location) : ''
  if (pathFault(path) !== undefined || !Array.isArray(methods) || !Array.isArray(events)) return undefined
  const callable = methods
    .filter(isMethodContract)
    .filter(({ name }) => isCallableName(name) && !isProtectedName(name))
    .map(knownFields)
  if (callable.length === 0) return undefined
  return {
    path,
    methods: callable,
    events: events.filter(text),
    ...typeof remoteOptions === 'object' && remoteOptions !== null ? { remoteOptions } : {},
    ...shortTexts({ id, version, hash })
  }
}

function knownFields ({ name, idempotent, timeout, shapes }: MethodContract): MethodContract {
  const known = readShapes(shapes)
  return {
    name,
    idempotent,
    ...timeout === undefined ? {} : { timeout },
    ...known === undefined ? {} : { shapes: known }
  }
}

function readShapes (value: unknown): MethodShapes | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const shapes = value as Record<string, unknown>
  const known = SHAPED.filter(name => isShortText(shapes[name])).map(name => [name, shapes[name]])
  return known.length === 0 ? undefined : Object.fromEntries(known) as MethodShapes
}
