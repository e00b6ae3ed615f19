import {
  BadRequest, Forbidden, GeneralError, MethodNotAllowed, NotFound, Timeout, TooManyRequests, Unavailable,
  type FeathersError
} from '@feathersjs/errors'
import { isMeshErrorCode, type MeshErrorCode } from './mesh-error-code'
import { isRecord } from './record'

/** What an outside client is told in the place of an error of the mesh: a class, for its status, and a message. */
interface OutsideForm {
  readonly Type: new (message: string, data: object) => FeathersError
  readonly message: string
}

const form = (Type: OutsideForm['Type'], message: string): OutsideForm => ({ Type, message })

/** Undefined where the error speaks of nothing but the client's own request. */
const FORMS: Readonly<Record<MeshErrorCode, OutsideForm | undefined>> = {
  MESH_UNAVAILABLE: form(Unavailable, 'the service is not available at the moment'),
  MESH_TOO_MANY_WAITING: form(Unavailable, 'too many requests wait for the service already'),
  MESH_NOT_SENT: form(Unavailable, 'the service could not take the request, and has not carried it out'),
  MESH_CONNECTION_LOST: form(Unavailable, 'the service stopped answering, and may have carried out the request'),
  MESH_TIMEOUT: form(Timeout, 'the service did not answer in time, and may have carried out the request'),
  MESH_CANCELLED: form(Unavailable, 'the request was cancelled'),
  MESH_FORBIDDEN: form(Forbidden, 'the request is not allowed'),
  MESH_NOT_OFFERED: form(MethodNotAllowed, 'the service has no such method'),
  MESH_INVALID: undefined,
  MESH_UNSENDABLE: form(BadRequest, 'the request holds something that can\'t be sent'),
  MESH_UNSENDABLE_RESULT: form(GeneralError, 'the result can\'t be sent to a client'),
  MESH_UNREADABLE_VALUE: form(GeneralError, 'the result can\'t be read'),
  MESH_BAD_ROUTING: form(GeneralError, 'the request could not be routed'),
  MESH_NOT_HOSTED: form(NotFound, 'there is no such service'),
  MESH_OVERLOADED: form(TooManyRequests, 'the service has too many requests at the moment'),
  MESH_EVENT_NOT_STORED: form(Unavailable, 'the request was carried out, and others may not learn of it'),
  MESH_CONFIGURATION: form(GeneralError, 'the server is not set up correctly')
}

/** Whether the details of an error with this code are for the nodes of the mesh alone. */
export function hasDetails (code: MeshErrorCode): boolean {
  return FORMS[code] !== undefined
}

/** The code of an error that the mesh made; undefined for any other value, also for one that can't be read. */
export function meshCodeOf (error: unknown): MeshErrorCode | undefined {
  try {
    if (!isRecord(error) || !isRecord(error.data)) return undefined
    const { code } = error.data
    return isMeshErrorCode(code) ? code : undefined
  } catch {
    return undefined
  }
}

const IS_OUTSIDE = Symbol('feathers-mesh:outside-form')

/** Whether an error was made by {@link outsideForm} in this process. */
export function isOutsideForm (error: object): boolean {
  return Object.hasOwn(error, IS_OUTSIDE)
}

/** A request of an outside client. */
export interface OutsideRequest {
  /** What the client called, as in `todos.find()`. */
  readonly name: string
  readonly id: string
  /** What to say in the place of the message for the code. */
  readonly message?: string
}

/**
 * The error that stands for one of the mesh where an outside client gets it. Hooks of the app find the original as its
 * `cause`, which no transport of Feathers shows.
 *
 * @param request - the request of the client, where it is known: what it called, and its id
 */
export function outsideForm (code: MeshErrorCode, cause: unknown, request?: OutsideRequest): FeathersError {
  const { Type, message: what } = FORMS[code] ?? form(GeneralError, 'the request failed')
  const message = request === undefined ? what : `${request.name}: ${request.message ?? what}`
  const error = new Type(message, request === undefined ? { code } : { code, requestId: request.id })
  const hidden = { configurable: true, writable: true, enumerable: false }
  return Object.defineProperties(error, {
    cause: { value: cause, ...hidden },
    // Some handlers show it to clients. That of the cause is the one that says something.
    stack: { value: `${error.name}: ${message}`, ...hidden },
    [IS_OUTSIDE]: { value: true }
  })
}

/**
 * Makes the JSON of an error of the mesh its outside form: whatever way the error takes to a client, that is all it
 * gets. Between nodes errors travel by their fields, not as JSON.
 */
export function hideInJson<E extends object> (error: E): E {
  const code = meshCodeOf(error)
  if (code === undefined || !hasDetails(code)) return error
  const toJSON = (): object => outsideForm(code, undefined).toJSON()
  Reflect.defineProperty(error, 'toJSON', { value: toJSON, configurable: true, writable: true, enumerable: false })
  return error
}

const IS_FOREIGN = Symbol('feathers-mesh:foreign')

/** Marks what another node threw: it may be anything, and clients must not get it as it is. */
export function markForeign<T> (thrown: T): T {
  if (typeof thrown !== 'object' || thrown === null) return thrown
  Reflect.defineProperty(thrown, IS_FOREIGN, { value: true, configurable: true })
  return hideInJson(thrown)
}

/** Whether another node threw it. */
export function isForeign (thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && Object.hasOwn(thrown, IS_FOREIGN)
}
