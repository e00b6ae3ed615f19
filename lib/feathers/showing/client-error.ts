import { randomUUID } from 'node:crypto'
import { FeathersError, GeneralError } from '@feathersjs/errors'
import { debugApp } from '../../debug-log'
import { nameOf, unsendableResult, type FailedCall } from '../../errors'
import type { LimitedLog } from '../../log'
import { isForeign, outsideForm } from '../../outside-form'
import { messageOf, printable } from '../../printable'
import { fieldsOf, isRecord, propertiesOf, textField } from '../../record'
import { jsonText } from '../../transport/values/json-text'
import { isError } from '../../transport/values/codecs/errors'
import { cleanHeaders, cleanStatus } from '../hooks/http-details'
import { MeshDetails } from './mesh-details'

/** The least HTTP status of an error. */
const MIN_STATUS = 400
const DEFAULT_STATUS = 500
/** Characters of a message in a line of the log, and of what comes with it. */
const MAX_MESSAGE = 200
const MAX_DATA = 130

/** Which call of a client failed. */
export interface ClientCall {
  readonly call: FailedCall
  readonly params: unknown
  /** Where lines go that say what clients are not told. */
  readonly failures: LimitedLog
}

/**
 * The error that a client of this app gets: nothing in it tells of the mesh, and what another node threw is one that
 * Express, Koa and socket.io can handle. The log has what it leaves out, under the id that the client gets.
 *
 * @param isTheirs - whether another node threw it
 */
export function errorForClient (
  error: unknown, client: ClientCall, isTheirs: boolean = isForeign(error)
): unknown {
  const { call, params } = client
  let id: string | undefined
  const details = new MeshDetails((code, hidden) => {
    id ??= requestIdOf(params)
    logDetails(id, hidden, client)
    return outsideForm(code, hidden, { name: nameOf(call), id })
  })
  if (!isTheirs) {
    const shown = details.hideIn(error)
    // It may hold what another node sent, which has no JSON.
    if (isRecord(shown)) dropUnwritable(shown, value => JSON.stringify(value))
    return shown
  }
  return checkJson(details.hideIn(sendable(error)), client)
}

/** The error that a client gets for an answer that it can't get, whose reason is for the log. */
export function unsendableForClient (message: string, reason: unknown, client: ClientCall): unknown {
  const { call, params } = client
  const hidden = unsendableResult(call, `${message}: ${messageOf(reason)}`)
  const id = requestIdOf(params)
  logDetails(id, hidden, client)
  return outsideForm('MESH_UNSENDABLE_RESULT', hidden, { name: nameOf(call), id, message })
}

/** The id of a request that its client gave, where it can stand in a line of a log; else one that is made for it. */
function requestIdOf (params: unknown): string {
  const given = textField(fieldsOf(fieldsOf(params).headers), 'x-request-id')
  return given !== undefined && /^[\w.:+/=@~-]{1,100}$/.test(given) ? given : randomUUID()
}

function logDetails (
  requestId: string, hidden: object, { call: { path, method }, failures: { log, limit } }: ClientCall
): void {
  const { data: given } = fieldsOf(hidden)
  // An error that was made of another one has that in its data.
  const data = fieldsOf(given).data ?? given
  const text = `request ${requestId} of a client failed: ${printable(messageOf(hidden), MAX_MESSAGE)} ${printable(textOf(data), MAX_DATA)}`
  debugApp('%s', text)
  log.tell('FEATHERS_MESH_FAILURE', text, { path, method, requestId }, limit)
}

function textOf (data: unknown): string {
  try {
    return jsonText(data) ?? ''
  } catch {
    return ''
  }
}

/** What another node threw, as the error handlers of Express, Koa and socket.io expect it. */
function sendable (thrown: unknown): unknown {
  if (typeof thrown === 'string') return new GeneralError(thrown)
  if (!isRecord(thrown)) return new GeneralError()
  const { type, toJSON, message } = thrown
  const claimsToBeFeathers = type === 'FeathersError' || thrown instanceof FeathersError
  // JSON of what is no error could be anything, such as the null of a Date: Koa would answer that it is well.
  const isPlain = typeof toJSON !== 'function' && (message === undefined || typeof message === 'string')
  const isUsable = isError(thrown) || isPlain
  if (!isUsable || (claimsToBeFeathers && typeof toJSON !== 'function')) {
    return new GeneralError(typeof message === 'string' ? message : undefined)
  }
  limitStatus(thrown, claimsToBeFeathers)
  return thrown
}

/**
 * A host may not choose a status that says that all is well, nor headers that only the gateway knows: Express and Koa
 * read these fields.
 */
function limitStatus (error: Record<string, unknown>, isFeathers: boolean): void {
  const isStatus = (value: unknown): boolean => cleanStatus(value, MIN_STATUS) !== undefined
  for (const field of ['status', 'statusCode']) {
    if (error[field] !== undefined && !isStatus(error[field])) error[field] = DEFAULT_STATUS
  }
  // Express makes a text of any code: that of lists within lists could have no end, and that of a BigInt takes long.
  if (typeof error.code === 'object' || typeof error.code === 'bigint') error.code = DEFAULT_STATUS
  // The codes of other errors are those of a database, or of the system, unless they could be a status.
  const number = parseInt(String(error.code), 10)
  const isWrong = isFeathers ? !isStatus(error.code) : number >= 100 && number < MIN_STATUS
  if (isWrong && (isFeathers || error.code !== undefined)) error.code = DEFAULT_STATUS
  if (isRecord(error.headers)) error.headers = cleanHeaders(error.headers)
  else delete error.headers
}

/**
 * Makes the JSON of an error one that can be written: a handler that fails shows its own stack. An error whose data
 * can't be written goes without it; one that can't be written even so is replaced.
 */
function checkJson (error: unknown, client: ClientCall): unknown {
  try {
    const own = propertiesOf(Object(error))
    dropUnwritable(own, jsonText)
    // Handlers write these, also where they are not enumerable.
    const { message, errors } = own
    jsonText(typeof own.toJSON === 'function' ? own : { ...own, message, errors })
    return error
  } catch (reason) {
    return unsendableForClient("it failed, and its error can't be sent to a client", reason, client)
  }
}

/** Takes the details of an error away that have no JSON. */
function dropUnwritable (error: object, write: (value: unknown) => unknown): void {
  for (const field of ['data', 'errors']) {
    try {
      write(Reflect.get(error, field))
    } catch {
      Reflect.deleteProperty(error, field)
    }
  }
}
