import { isMeshErrorCode } from '../mesh-error-code'
import { fieldsOf } from '../record'

/** The outcome of a call that returned. */
export const OK = 'ok'

/** What stands for a name that no name of an error looks like. */
const UNNAMED = 'Error'

/** How names of errors look: what a service throws may have any text there. */
const NAME = /^[A-Za-z][\w.-]{0,63}$/

/** Names an error without its message: by the code of the mesh, else by its own name, such as `NotFound`. */
export function errorCodeOf (error: unknown): string {
  try {
    const { name, data } = fieldsOf(error)
    const { code } = fieldsOf(data)
    if (isMeshErrorCode(code)) return code
    return typeof name === 'string' && NAME.test(name) ? name : UNNAMED
  } catch {
    // It may have getters that throw.
    return UNNAMED
  }
}

/** What became of a call. */
export function outcomeOf (error: unknown): string {
  return error === null || error === undefined ? OK : errorCodeOf(error)
}
