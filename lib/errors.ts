import {
  BadRequest, Forbidden, GeneralError, MethodNotAllowed, NotFound, Timeout, TooManyRequests, Unavailable
} from '@feathersjs/errors'
import type { MeshErrorCode } from './mesh-error-code'
import { hideInJson } from './outside-form'
import { messageOf, printablePart } from './printable'

export { MESH_ERROR_CODES, type MeshErrorCode } from './mesh-error-code'

/**
 * What a definition or an option does wrong, all faults together.
 *
 * Thrown by `DistributedModule.forRoot()` and by the decorators; never crosses the mesh.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** As in all errors of the mesh; `code` is that of the operating system, where it had one. */
  readonly data: { readonly code: MeshErrorCode } = { code: 'MESH_CONFIGURATION' }

  /** @param faults - one sentence each: where it is, what is wrong, what to do about it */
  constructor (readonly faults: readonly string[]) {
    // Without `hideInJson`: vitest shows what `toJSON` returns, and this is for whoever has to correct the faults.
    super(`feathers-mesh is not set up correctly:\n${faults.map(fault => `  - ${fault}`).join('\n')}`)
  }
}

/** Whether a call that failed on its way may have run on the other side. */
export type CallOutcome = 'unknown' | 'not-sent'

/** The `data` of every error that the mesh itself gives a caller. */
export interface CallErrorData {
  /** What went wrong, for programs. */
  readonly code: MeshErrorCode
  readonly path: string
  readonly method?: string
  /** The node that was asked, where one was. */
  readonly node?: string
  /** `not-sent`: it did not run; `unknown`: it may have run. */
  readonly outcome?: CallOutcome
}

/** The call that an error is about. */
export type FailedCall = Omit<CallErrorData, 'code'>

/** What a request called, for an error about it. A peer may send anything as the path. */
export function failedCallOf ({ path, method }: { readonly path: unknown, readonly method: string }): FailedCall {
  return { path: typeof path === 'string' ? path : '', method }
}

/** Names a call as `todos.complete()` for messages. */
export function nameOf (call: FailedCall): string {
  return call.method === undefined ? `'${call.path}'` : `${call.path}.${call.method}()`
}

/** The first field of all `data`, so that logs begin with it. */
function dataOf (code: MeshErrorCode, call: FailedCall): CallErrorData {
  return { code, ...call }
}

/** No node could take the call: none hosts the service, or this node is not on the mesh. */
export function unavailable (call: FailedCall, reason: string): Unavailable {
  return hideInJson(new Unavailable(`${nameOf(call)}: ${reason}`, dataOf('MESH_UNAVAILABLE', call)))
}

/** No node hosts the service, and as many calls as may wait for one do so already. */
export function tooManyWaiting (call: FailedCall, waiting: number, reason: string): Unavailable {
  const message = `${nameOf(call)}: ${waiting} calls wait already; ${reason}`
  return hideInJson(new Unavailable(message, dataOf('MESH_TOO_MANY_WAITING', call)))
}

/** All attempts failed. When one of them may have run the call is lost, else it was not sent. */
export function attemptsFailed (call: FailedCall, reason: string): Unavailable {
  const code = call.outcome === 'unknown' ? 'MESH_CONNECTION_LOST' : 'MESH_NOT_SENT'
  return hideInJson(new Unavailable(`${nameOf(call)}: ${reason}`, dataOf(code, call)))
}

/**
 * A node was asked and the call's time is over.
 *
 * @param nodeTitle - how the message names the node
 */
export function timedOut (call: FailedCall, timeout: number, nodeTitle = call.node): Timeout {
  const at = nodeTitle === undefined ? '' : ` from node ${nodeTitle}`
  return hideInJson(new Timeout(`${nameOf(call)}: no reply${at} within ${timeout} ms`, dataOf('MESH_TIMEOUT', call)))
}

/** The service is there, and not for this caller. */
export function forbidden (
  call: FailedCall, { node, key }: { readonly node?: string, readonly key?: string }
): Forbidden {
  const caller = node === undefined ? 'a node that does not say who it is' : `node ${printablePart(node)} with key '${printablePart(String(key))}'`
  const data = dataOf('MESH_FORBIDDEN', { ...call, outcome: 'not-sent' })
  return hideInJson(new Forbidden(`${nameOf(call)} is not allowed for ${caller}`, data))
}

/** The most names that a message lists. Peers choose them. */
const MAX_NAMES = 50

/** Names that peers chose, for a message. */
export function namesOf (names: readonly string[]): string {
  const listed = names.slice(0, MAX_NAMES).map(printablePart)
  return names.length > MAX_NAMES ? `${listed.join(', ')} and ${names.length - MAX_NAMES} more` : listed.join(', ')
}

/** The contract of the service has no such method. */
export function methodNotAllowed (call: FailedCall, methods: readonly string[]): MethodNotAllowed {
  const offered = methods.length > 0 ? namesOf(methods) : 'none'
  const message = `${nameOf(call)} is not a method of this service; it offers: ${offered}`
  return hideInJson(new MethodNotAllowed(message, dataOf('MESH_NOT_OFFERED', call)))
}

/**
 * This node offers no such service to the mesh. One answer for everything that is not in a contract, whether the app
 * has it or not, so that strangers learn nothing by asking.
 */
export function notHosted (call: FailedCall): NotFound {
  const data = dataOf('MESH_NOT_HOSTED', { ...call, outcome: 'not-sent' })
  return hideInJson(new NotFound(`${nameOf(call)} is not offered by this node`, data))
}

/** This node serves as many requests as it may: of all nodes, or, without a call, of one connection. */
export function overloaded (reason: string, call?: FailedCall): TooManyRequests {
  const message = call === undefined ? reason : `${nameOf(call)}: ${reason}`
  return hideInJson(new TooManyRequests(message, { code: 'MESH_OVERLOADED', ...call, outcome: 'not-sent' }))
}

/** A durable event was not kept, as far as its publisher knows; the method that emitted it has run. */
export function notStored (path: string, event: string, cause: unknown): Unavailable {
  const message = `the durable event '${printablePart(event)}' of '${path}' was not stored: ${messageOf(cause)}`
  const data = dataOf('MESH_EVENT_NOT_STORED', { path, outcome: 'unknown' })
  return hideInJson(withCause(new Unavailable(message, data), cause))
}

/** The arguments of the call break the rules of their classes. */
export function invalidArguments (message: string, errors: readonly object[]): BadRequest {
  return new BadRequest(message, { code: 'MESH_INVALID', errors })
}

/** The arguments of a call were sent, and its host refuses to decode them. */
export function unreadableArguments (reason: string): BadRequest {
  const message = `the arguments of the call can't be read: ${reason}`
  return hideInJson(new BadRequest(message, { code: 'MESH_UNSENDABLE', outcome: 'not-sent' }))
}

/** The arguments of the call have something that can't be encoded. */
export function unsendableArguments (call: FailedCall, cause: unknown): BadRequest {
  const data = dataOf('MESH_UNSENDABLE', { ...call, outcome: 'not-sent' })
  return hideInJson(withCause(new BadRequest(`${nameOf(call)} can't be sent: ${messageOf(cause)}`, data), cause))
}

/** The call ran, and its result has something that can't be encoded, for a node or for a client. */
export function unsendableResult (call: FailedCall, reason: string): GeneralError {
  return hideInJson(new GeneralError(`${nameOf(call)}: ${reason}`, dataOf('MESH_UNSENDABLE_RESULT', call)))
}

/** What came from the host can't be made an instance of the class that the caller holds for it. */
export function unreadableValue (message: string, cause: unknown): TypeError {
  return withCode(new TypeError(message, { cause }), 'MESH_UNREADABLE_VALUE')
}

/** The program's own routing function chose none of the replicas that it was given. */
export function badRouting (message: string): TypeError {
  return withCode(new TypeError(message), 'MESH_BAD_ROUTING')
}

/** The reason of the signal that a service gets, when nobody waits for its call any more. */
export function cancelled (reason: string): DOMException {
  return withCode(new DOMException(reason, 'AbortError'), 'MESH_CANCELLED')
}

function withCode<E extends Error> (error: E, code: MeshErrorCode): E {
  return hideInJson(Object.assign(error, { data: { code } }))
}

function withCause<E extends Error> (error: E, cause: unknown): E {
  return Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true, enumerable: false })
}
