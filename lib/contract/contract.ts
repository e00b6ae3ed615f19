import { policyOfMethod, type MethodPolicy } from './method-policy'

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
  /** Those of the events that are kept until each durable group has handled them. @default none */
  readonly durableEvents?: readonly string[]
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

/** The longest text, names aside, that a node keeps of a peer's contract. */
const MAX_TEXT_LENGTH = 100

/** Whether a value can be the id, the version, the hash or a shape of a contract. */
export function isShortText (value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_LENGTH
}
