import { inspect } from 'node:util'
import { isTimeout, MAX_TIMER_MS, type MethodPolicy } from '../../contract/method-policy'
import { ConfigurationError } from '../../errors'
import { isText } from '../../record'

/**
 * Options of the calls of one remote; see {@link RemoteControls.with}. Calls of a service in the same process follow
 * `timeout` and `signal`; the other options are for calls over the mesh.
 */
export interface CallOptions {
  /**
   * Time for the call in milliseconds, waiting for a host included.
   * @default that of the method, as the class of the caller has it, else as the replica has it that is asked first;
   * then that of the node, which is for calls over the mesh only
   */
  readonly timeout?: number
  /** Cancels the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Calls this node and no other, by its id. */
  readonly node?: string
  /** Calls of one affinity go to one replica, as long as it is there: `'customer-7'`. */
  readonly affinity?: string
  /** How often the call may be sent again when that is safe; 0 for never. @default that of the node */
  readonly retries?: number
  /** Time for one attempt of a call that may be repeated, in milliseconds. @default that of the node */
  readonly attemptTimeout?: number
  /** Whether the call waits when no node hosts the service. @default that of the node */
  readonly waitForService?: boolean
}

/** The calling policy of a node; the options of a method or of one call take precedence. */
export interface CallPolicy {
  /** Time for a call in milliseconds, waiting and all attempts included. */
  readonly timeout: number
  /** Time for one attempt of a call that may be repeated, in milliseconds. */
  readonly attemptTimeout: number | undefined
  /** How often a call may be sent again when that is safe. */
  readonly retries: number
  /** Milliseconds before all replicas are tried another time; doubled each time. */
  readonly retryDelay: number
  /** Whether a call waits when no node hosts its service. */
  readonly waitForService: boolean
  /** How many calls may wait for a host. */
  readonly maxWaiting: number
}

const NO_OPTIONS: CallOptions = Object.freeze({})

/** The policy of one call: that of the node itself where neither method nor caller sets anything. */
export function policyOf (
  defaults: CallPolicy, method: Partial<MethodPolicy> | undefined, given: CallOptions | undefined
): CallPolicy {
  if (given === undefined && method?.timeout === undefined) return defaults
  const options = given ?? NO_OPTIONS
  return {
    timeout: options.timeout ?? method?.timeout ?? defaults.timeout,
    attemptTimeout: options.attemptTimeout ?? defaults.attemptTimeout,
    retries: options.retries ?? defaults.retries,
    retryDelay: defaults.retryDelay,
    waitForService: options.waitForService ?? defaults.waitForService,
    maxWaiting: defaults.maxWaiting
  }
}

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0

type Rule = readonly [isValid: (value: unknown) => boolean, expected: string]

const RULES: Readonly<Record<keyof CallOptions, Rule>> = {
  timeout: [isTimeout, `milliseconds above 0, at most ${MAX_TIMER_MS}`],
  attemptTimeout: [isTimeout, `milliseconds above 0, at most ${MAX_TIMER_MS}`],
  retries: [isCount, 'a whole number from 0'],
  waitForService: [value => typeof value === 'boolean', 'true or false'],
  signal: [value => value instanceof AbortSignal, 'an AbortSignal'],
  node: [isText, 'the id of a node'],
  affinity: [isText, 'a text']
}

const RULES_BY_NAME: ReadonlyMap<string, Rule> = new Map(Object.entries(RULES))

/**
 * Returns the options of `remote.with()` if they are valid.
 *
 * @throws {@link ConfigurationError} with all faults
 */
export function checkCallOptions (path: string, options: CallOptions): CallOptions {
  const faults = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    const rule = RULES_BY_NAME.get(name)
    if (rule === undefined) return [`'${path}' with({ ${name} }): unknown option; there are: ${Object.keys(RULES).join(', ')}`]
    const [isValid, expected] = rule
    return isValid(value) ? [] : [`'${path}' with({ ${name} }) must be ${expected}, not ${inspect(value, { depth: 0 })}`]
  })
  if (faults.length > 0) throw new ConfigurationError(faults)
  return options
}
