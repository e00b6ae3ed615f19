import { FeathersError, GeneralError, errors } from '@feathersjs/errors'
import { unsendableResult as unsendable } from '../../errors'
import { messageOf } from '../../printable'
import { RequestRefused, type Request } from '../transport'
import { jsonText } from '../values/json-text'

/** An error as JSON carries it: the fields of Feathers' own `toJSON`, which `convert()` of an older peer reads. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly code?: unknown
  readonly className?: string
  readonly data?: unknown
  readonly errors?: unknown
  /** The request was refused before anything ran. */
  readonly refused?: true
}

/** What the caller gets when its result can't be sent to it. */
export function unsendableResult ({ path, method }: Request, error: unknown): GeneralError {
  return unsendable({ path, method }, `the result can't be sent: ${messageOf(error)}`)
}

/**
 * Makes anything thrown fit for the wire, without details that JSON can't hold, or only by far more than they are: each
 * call gets its error.
 */
export function toWireError (thrown: unknown): WireError {
  if (thrown instanceof RequestRefused) return { ...toWireError(thrown.error), refused: true }
  const wire = fieldsOf(thrown)
  try {
    jsonText(wire)
    return wire
  } catch {
    return withoutDetails(wire)
  }
}

/** The least that an error says. Whatever its class promises, what it has by these names may be anything. */
export function withoutDetails ({ name, message, code, className }: WireError): WireError {
  return {
    name: textOr(name, 'Error'),
    message: textOr(message, 'an error without a message'),
    className: textOr(className, undefined),
    ...typeof code === 'number' || typeof code === 'string' ? { code } : {}
  }
}

function textOr<T> (value: unknown, other: T): string | T {
  return typeof value === 'string' ? value : other
}

function fieldsOf (thrown: unknown): WireError {
  if (thrown instanceof FeathersError || hasFeathersShape(thrown)) {
    const { name, message, code, className, data, errors: details } = thrown
    return { name, message, code, className, data, errors: details }
  }
  if (thrown instanceof Error) {
    const { code } = thrown as NodeJS.ErrnoException
    return { name: thrown.name, message: thrown.message, ...code === undefined ? {} : { code } }
  }
  if (typeof thrown === 'string') return { name: 'Error', message: thrown }
  // Not every object can be made a string by String().
  const what = typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : String(thrown)
  return { name: 'Error', message: `a value that is no error was thrown: ${what}` }
}

/** A FeathersError of another copy of @feathersjs/errors. */
function hasFeathersShape (thrown: unknown): thrown is FeathersError {
  return thrown instanceof Error && (thrown as Partial<FeathersError>).type === 'FeathersError'
}

/** Whether a peer refused the request, so that another one may be asked. */
export function isRefusal (wire: unknown): boolean {
  return asRecord(wire).refused === true
}

/** Makes an error of what a peer sent in its place: of the same Feathers class where there is one. */
export function fromWireError (wire: unknown): Error {
  if (typeof wire === 'string') return new GeneralError(wire)
  const { name, message, code, className, data, errors: details } = asRecord(wire)
  const text = typeof message === 'string' ? message : 'the remote service failed without saying why'
  const FeathersClass = feathersClass(name)
  if (FeathersClass !== undefined) {
    // Feathers takes its data apart, so it must be something to take apart.
    const error = new FeathersClass(text, typeof data === 'object' && data !== null ? data : undefined)
    return details === undefined ? error : Object.assign(error, { errors: details })
  }
  if (typeof className === 'string' && typeof code === 'number') {
    return new FeathersError(text, String(name), code, className, { ...asRecord(data), errors: details })
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

function asRecord (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
}
