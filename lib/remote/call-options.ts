import type { CallOptions } from './remote-service'

/** The calling policy of a node; the options of a method or of one call go before it. */
export interface CallPolicy {
  /** Time for a call in milliseconds, waiting and all attempts included. */
  readonly timeout: number
  /** Time for one attempt of a call that may be repeated, in milliseconds. */
  readonly attemptTimeout: number | undefined
  /** How often a call may be sent again when that is safe. */
  readonly retries: number
  /** Milliseconds before all replicas are tried another time; doubled each time. */
  readonly retryDelay: number
  /** Whether a call waits when nobody hosts its service. */
  readonly waitForService: boolean
  /** How many calls may wait so. */
  readonly maxWaiting: number
}

/** The policy of one call. */
export function policyOf (defaults: CallPolicy, method: { readonly timeout?: number } | undefined, options: CallOptions): CallPolicy {
  return {
    timeout: options.timeout ?? method?.timeout ?? defaults.timeout,
    attemptTimeout: options.attemptTimeout ?? defaults.attemptTimeout,
    retries: options.retries ?? defaults.retries,
    retryDelay: defaults.retryDelay,
    waitForService: options.waitForService ?? defaults.waitForService,
    maxWaiting: defaults.maxWaiting
  }
}
