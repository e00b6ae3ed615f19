import { fieldsOf, isRecord, listField } from '../record'
import { isCallableName, isProtectedName } from './callable-name'
import { policyOfMethod, readPolicy, type MethodPolicy } from './method-policy'
import { pathFault, stripSlashes } from './path'

/** A node that calls, as far as the hosting node knows it. */
export interface Caller {
  /** The id that it states; undefined for a node that states none, such as a node of feathers-distributed. */
  readonly node?: string
  /** The key that it states; undefined for the same nodes. */
  readonly key?: string
  /** Whether a certificate proves the key. Otherwise it is the caller's own statement. */
  readonly proven: boolean
  /** The address that its connection comes from. */
  readonly address: string
}

/** One method of a service, as its callers see it. */
export interface MethodContract extends MethodPolicy {
  readonly name: string
  /** The shapes of its values, as far as classes define them. */
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

/** The values of a method that have shapes: the hash of a contract covers them, and replicas are compared by them. */
export const SHAPED = ['data', 'id', 'query', 'result'] as const satisfies ReadonlyArray<keyof MethodShapes>

/**
 * What a service offers to the mesh: plain data that JSON carries whole, made from decorator metadata or from a
 * Feathers service.
 */
export interface Contract {
  /** The path on the hosting app, without slashes at its ends. */
  readonly path: string
  readonly methods: readonly MethodContract[]
  /** Names of all events, the standard ones included. */
  readonly events: readonly string[]
  /** The field that identifies its records: `service.id` of Feathers' adapters. */
  readonly id?: string
  /** Service options that the hosting node shares with its callers (`remoteServiceOptions`). */
  readonly remoteOptions?: Readonly<Record<string, unknown>>
  /** The version that its author gives it. */
  readonly version?: string
  /** The hash of methods, events and shapes, made by the hosting node. */
  readonly hash?: string
}

/** The method that asks whether a service is there, without a call of the service; every host answers it. */
export const HEALTHCHECK = 'healthcheck'

/** The methods that Feathers itself defines, in its order. */
export const STANDARD_METHODS = ['find', 'get', 'create', 'update', 'patch', 'remove'] as const

/** The events that Feathers emits for them. */
export const STANDARD_EVENTS = ['created', 'updated', 'patched', 'removed'] as const

const METHODS: ReadonlySet<string> = new Set(STANDARD_METHODS)

const EVENTS: ReadonlySet<string> = new Set(STANDARD_EVENTS)

/** True for `find`, `get`, `create`, `update`, `patch` and `remove`. */
export function isStandardMethod (name: string): boolean {
  return METHODS.has(name)
}

/** True for `created`, `updated`, `patched` and `removed`. */
export function isStandardEvent (name: string): boolean {
  return EVENTS.has(name)
}

/** Finds a method by name. */
export function methodOf (contract: Contract, name: string): MethodContract | undefined {
  return contract.methods.find(method => method.name === name)
}

/** The contract of a method of which nothing but the name is known. */
export function methodNamed (name: string): MethodContract {
  return { name, ...policyOfMethod(name) }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

/** The longest text, names aside, that a node keeps of a peer's contract. */
const MAX_TEXT_LENGTH = 100

/** Whether a value can be the id, the version, the hash or a shape of a contract. */
export function isShortText (value: unknown): value is string {
  return isText(value) && value.length <= MAX_TEXT_LENGTH
}

/**
 * Reads a contract that came over the network; undefined if it has no method that can be called. Methods that can't be
 * read are left out, as a newer node may offer other things, and so are unknown fields.
 */
export function readContract (value: unknown): Contract | undefined {
  const fields = fieldsOf(value)
  const path = isText(fields.path) ? stripSlashes(fields.path) : ''
  const methods = listField(fields, 'methods')
  const events = listField(fields, 'events')
  if (pathFault(path) !== undefined || methods === undefined || events === undefined) return undefined
  const callable = methods.map(readMethod).filter(method => method !== undefined)
  if (callable.length === 0) return undefined
  const { remoteOptions } = fields
  return {
    path,
    methods: callable,
    events: events.filter(isText),
    ...isRecord(remoteOptions) ? { remoteOptions } : {},
    ...shortTexts(fields, ['id', 'version', 'hash'])
  }
}

function readMethod (value: unknown): MethodContract | undefined {
  const fields = fieldsOf(value)
  const { name } = fields
  const policy = readPolicy(fields)
  if (policy === undefined || !isText(name) || !isCallableName(name) || isProtectedName(name)) return undefined
  const shapes = shortTexts(fieldsOf(fields.shapes), SHAPED)
  return { name, ...policy, ...Object.keys(shapes).length === 0 ? {} : { shapes } }
}

/** Those of some fields that hold a short text. */
function shortTexts<K extends string> (
  fields: Readonly<Record<string, unknown>>, names: readonly K[]
): { readonly [N in K]?: string } {
  const texts: { [N in K]?: string } = {}
  for (const name of names) {
    const value = fields[name]
    if (isShortText(value)) texts[name] = value
  }
  return texts
}
