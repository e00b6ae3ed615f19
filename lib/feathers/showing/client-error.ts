import { GeneralError } from '@feathersjs/errors'
import { isRecord, propertiesOf } from '../../record'
import { cleanHeaders, cleanStatus } from '../hooks/http-details'

/** The lowest HTTP status of an error, and that of one that has none. */
const FIRST_ERROR = 400
const NO_STATUS = 500

/**
 * An error of another node as the transports of this app can answer it to a client. They take its fields at their word:
 * `code` and `status` become the status of an HTTP answer, which must be that of an error, `headers` its headers, and
 * `toJSON` is called. A host chooses these fields, and the error keeps all others.
 */
export function clientError (error: unknown): unknown {
  // Handlers set fields on what was thrown, which may be anything.
  if (typeof error !== 'object' || error === null) return new GeneralError(String(error))
  const fields = propertiesOf(error)
  // An own field hides that of the class.
  if (Object.hasOwn(fields, 'toJSON')) delete fields.toJSON
  if (fields.type === FEATHERS && typeof fields.toJSON !== 'function') delete fields.type
  cleanCode(fields)
  for (const name of ['status', 'statusCode']) if (!isErrorStatus(fields[name])) delete fields[name]
  if (isRecord(fields.headers)) fields.headers = cleanHeaders(fields.headers)
  else delete fields.headers
  for (const name of ['data', 'errors']) if (!isWritable(fields[name])) delete fields[name]
  return error
}

/** What Feathers' handlers know its errors by. */
const FEATHERS = 'FeathersError'

/** Feathers' handlers read a number out of any text. Errors of other libraries have texts such as `ENOENT`. */
function cleanCode (fields: Record<string, unknown>): void {
  const { code } = fields
  const isFeathers = fields.type === FEATHERS || typeof fields.toJSON === 'function'
  const hasNumber = !Number.isNaN(parseInt(String(code), 10))
  if (!isErrorStatus(code) && (isFeathers || hasNumber)) fields.code = NO_STATUS
}

function isErrorStatus (value: unknown): boolean {
  return cleanStatus(value, FIRST_ERROR) !== undefined
}

function isWritable (value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch {
    return false
  }
}
