import { AsyncLocalStorage } from 'node:async_hooks'

/** What a call that is being served hands on to the calls that are made on its behalf. */
export interface CallScope {
  /** When its caller stops waiting, in milliseconds since 1970. */
  readonly deadline: number
  /** Aborted when its caller gives it up. */
  readonly signal: AbortSignal
  /** Whether the call has its reply: what it started and left behind is on its own. */
  readonly ended: boolean
}

const scopes = new AsyncLocalStorage<CallScope>()

/** Runs the work of a call, so that calls made meanwhile know of it. */
export function inScope<T> (scope: CallScope, work: () => T): T {
  return scopes.run(scope, work)
}

/** The call on whose behalf this code runs. */
export function currentScope (): CallScope | undefined {
  const scope = scopes.getStore()
  return scope?.ended === true ? undefined : scope
}
