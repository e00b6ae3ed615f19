import { FeathersError, GeneralError, errors } from '@feathersjs/errors'
import { meshNow, readTime } from '../../clock'
import { fieldsOf } from '../../record'
import { RequestRefused, type RefusalReason } from '../transport'
import { encodeValue } from '../values/encode-value'
import { jsonText } from '../values/json-text'

/** An error as JSON carries it: the fields of Feathers' own `toJSON`, which nodes of feathers-distributed read. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly code?: unknown
  readonly className?: string
  readonly data?: unknown
  readonly errors?: unknown
  /** The request was refused before anything ran. */
  readonly refused?: true
  /** Why it was refused, unless it is that the method is not hosted; nodes of 0.1 don't tell. */
  readonly reason?: Exclude<RefusalReason, 'notHosted'>
  /** Where it was refused for its time, the mesh clock of the node that refused it. */
  readonly now?: number
}

/**
 * Encodes what a service threw for a peer that decodes values, so that it arrives as it was thrown. Undefined where
 * only the plain form of an error can be sent.
 *
 * @param maxLength - characters
 */
export function encodeThrown (thrown: unknown, maxLength: number): string | undefined {
  if (thrown === null || thrown === undefined) return undefined
  try {
    if (thrown instanceof RequestRefused) return undefined
    const stacks = process.env.NODE_ENV !== 'production'
    const { text } = encodeValue(thrown, { asTable: true, leavesOut: () => true, stacks })
    return text.length < maxLength ? text : undefined
  } catch {
    // A getter or a toJSON throws, or there are more objects than a message can hold. The call still gets its error.
    return undefined
  }
}

/**
 * The plain form of anything thrown as JSON: each call gets its error. It goes without its details where JSON can't
 * hold them, or where they would make it too long.
 *
 * @param maxLength - characters
 */
export function toWireErrorText (thrown: unknown, maxLength: number): string {
  const wire = wireFieldsOf(thrown)
  try {
    // Once: a toJSON may return something else, or throw, when it is called again.
    const text = jsonText(wire)
    if (text !== undefined && text.length < maxLength) return text
  } catch {
    // Its details have no JSON, or too much.
  }
  const short = withoutDetails(wire)
  return JSON.stringify({ ...short, message: short.message.slice(0, maxLength / 8) })
}

/** Characters of the longest name, class name or code that is sent where an error has to be shortened. */
const MAX_SHORT_LENGTH = 100

/** The least that an error says. Whatever its class promises, its fields may hold anything. */
function withoutDetails ({ name, message, code, className, refused, reason, now }: AnyFields): WireError {
  return {
    name: shortOr(name, 'Error'),
    message: textOr(message, 'an error without a message'),
    className: shortOr(className, undefined),
    ...typeof code === 'number' ? { code } : {},
    ...typeof code === 'string' ? { code: code.slice(0, MAX_SHORT_LENGTH) } : {},
    ...refused === true ? { refused } : {},
    ...reason === 'busy' || reason === 'late' ? { reason } : {},
    ...typeof now === 'number' ? { now } : {}
  }
}

type AnyFields = Partial<Record<keyof WireError, unknown>>

function shortOr<T> (value: unknown, other: T): string | T {
  return typeof value === 'string' ? value.slice(0, MAX_SHORT_LENGTH) : other
}

function textOr<T> (value: unknown, other: T): string | T {
  return typeof value === 'string' ? value : other
}

function wireFieldsOf (thrown: unknown): WireError {
  try {
    if (!(thrown instanceof RequestRefused)) return fieldsOfThrown(thrown)
    const { error, reason, now = Math.floor(meshNow()) } = thrown
    const wire = { ...wireFieldsOf(error), refused: true } as const
    if (reason === 'notHosted') return wire
    return reason === 'late' ? { ...wire, reason, now } : { ...wire, reason }
  } catch {
    // One of its fields can't be read: a getter throws.
    const read = (field: keyof WireError): unknown => readField(thrown, field)
    return withoutDetails({
      name: read('name'), message: read('message'), code: read('code'), className: read('className')
    })
  }
}

function readField (thrown: unknown, name: string): unknown {
  try {
    return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined
  } catch {
    return undefined
  }
}

function fieldsOfThrown (thrown: unknown): WireError {
  if (thrown instanceof FeathersError || hasFeathersShape(thrown)) {
    const { name, message, code, className, data, errors: details } = thrown
    return { name, message, code, className, data, errors: details }
  }
  if (thrown instanceof Error) {
    const { name, message } = thrown
    const code = 'code' in thrown ? thrown.code : undefined
    return { name, message, ...code === undefined ? {} : { code } }
  }
  if (typeof thrown === 'string') return { name: 'Error', message: thrown }
  // Not every object can be made a string by String().
  const what = typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : String(thrown)
  return { name: 'Error', message: `a value that is no error was thrown: ${what}` }
}

/** A FeathersError of another copy of @feathersjs/errors. */
function hasFeathersShape (thrown: unknown): thrown is FeathersError {
  return thrown instanceof Error && 'type' in thrown && thrown.type === 'FeathersError'
}

/** Why nodes refuse a request that don't say it, by the class of the error: those of 0.1 have no other codes. */
const REASONS_OF_CLASSES = new Map<unknown, RefusalReason>([['TooManyRequests', 'busy'], ['Timeout', 'late']])
/** The same by the code of the error. */
const REASONS_OF_CODES = new Map<unknown, RefusalReason>([['MESH_OVERLOADED', 'busy'], ['MESH_TIMEOUT', 'late']])

/** Why a peer refused the request, so that another one may be asked; undefined where it did not refuse it. */
export function refusalReason (wire: unknown): RefusalReason | undefined {
  const { refused, reason, data, name } = fieldsOf(wire)
  if (refused !== true) return undefined
  if (reason === 'busy' || reason === 'late') return reason
  const { code } = fieldsOf(data)
  return (code === undefined ? REASONS_OF_CLASSES.get(name) : REASONS_OF_CODES.get(code)) ?? 'notHosted'
}

/** Why a peer refused the request, where it did: with the clock that it tells. */
export function readRefusal (wire: unknown, error: Error): RequestRefused | undefined {
  const reason = refusalReason(wire)
  return reason === undefined ? undefined : new RequestRefused(error, reason, readTime(fieldsOf(wire).now))
}

/** Makes an error of the plain form that a peer sent: of the same Feathers class where there is one. */
export function fromWireError (wire: unknown): Error {
  if (typeof wire === 'string') return new GeneralError(wire)
  const { name, message, code, className, data, errors: details } = fieldsOf(wire)
  const text = textOr(message, 'the remote service failed without saying why')
  const FeathersClass = feathersClass(name)
  if (FeathersClass !== undefined) {
    // Feathers takes its data apart, so it must be something to take apart.
    const error = new FeathersClass(text, typeof data === 'object' && data !== null ? data : undefined)
    return details === undefined ? error : Object.assign(error, { errors: details })
  }
  if (typeof className === 'string' && typeof code === 'number') {
    return new FeathersError(text, textOr(name, 'Error'), code, className, { ...fieldsOf(data), errors: details })
  }
  const error = new Error(text)
  if (typeof name === 'string') error.name = name
  return code === undefined ? error : Object.assign(error, { code })
}

type FeathersErrorClass = new (message: string, data?: unknown) => FeathersError

function feathersClass (name: unknown): FeathersErrorClass | undefined {
  if (typeof name !== 'string' || name === 'FeathersError' || !Object.hasOwn(errors, name)) return undefined
  // The table is typed by its own keys; any name may come over the wire.
  return (errors as unknown as Record<string, FeathersErrorClass>)[name]
}
