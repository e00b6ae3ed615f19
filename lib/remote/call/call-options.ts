import { inspect } from 'node:util'
import { ConfigurationError } from '../../errors'
import type { CallOptions } from '../remote-service'

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

/** For calls that have no options of their own: always the same object, by which that is seen. */
export const NO_OPTIONS: CallOptions = Object.freeze({})

/** The policy of one call. */
export function policyOf (
  defaults: CallPolicy, method: { readonly timeout?: number } | undefined, options: CallOptions
): CallPolicy {
  if (options === NO_OPTIONS && method?.timeout === undefined) return defaults
  return {
    timeout: options.timeout ?? method?.timeout ?? defaults.timeout,
    attemptTimeout: options.attemptTimeout ?? defaults.attemptTimeout,
    retries: options.retries ?? defaults.retries,
    retryDelay: defaults.retryDelay,
    waitForService: options.waitForService ?? defaults.waitForService,
    maxWaiting: defaults.maxWaiting
  }
}

/** The longest time that a timer takes, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1

const isTime = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

const RULES: Readonly<Record<keyof CallOptions, readonly [isValid: (value: unknown) => boolean, expected: string]>> = {
  timeout: [isTime, `milliseconds above 0, at most ${MAX_TIMER_MS}`],
  attemptTimeout: [isTime, `milliseconds above 0, at most ${MAX_TIMER_MS}`],
  retries: [isCount, 'a whole number from 0'],
  waitForService: [value => typeof value === 'boolean', 'true or false'],
  signal: [value => value instanceof AbortSignal, 'an AbortSignal'],
  node: [isText, 'the id of a node'],
  affinity: [isText, 'a text']
}

/**
 * Options of `remote.with()` as they are, if they are right.
 *
 * @throws {@link ConfigurationError} with all that is wrong
 */
export function checkCallOptions (path: string, options: CallOptions): CallOptions {
  const faults = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof CallOptions] : undefined
    if (rule === undefined) return [`'${path}' with({ ${name} }): unknown option; there are: ${Object.keys(RULES).join(', ')}`]
    const [isValid, expected] = rule
    return isValid(value) ? [] : [`'${path}' with({ ${name} }) must be ${expected}, not ${inspect(value, { depth: 0 })}`]
  })
  if (faults.length > 0) throw new ConfigurationError(faults)
  return options
}
