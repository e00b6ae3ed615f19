import { ignoreRejection } from '../../user-function'

/** What a provider returned at once; where that is a promise, it may reject without ending the process. */
export function quietly<T> (returned: T): T {
  if (returned instanceof Promise) ignoreRejection(returned)
  return returned
}
