import { ownField, type FieldOf } from './json-tree'
import type { Fields } from '../record'

/** How callers use a method. It travels in the contract, and makes no difference to its hash. */
export interface MethodPolicy {
  /**
   * Whether a call may be repeated on another replica when its outcome is unknown.
   * @default true for `find` and `get`, false for all others
   */
  readonly idempotent: boolean
  /**
   * Time for one call, in milliseconds. A timeout that the caller sets itself takes precedence.
   * @default the `timeout` of the calling node
   */
  readonly timeout?: number
}

/** One field of a {@link MethodPolicy}: the only place that knows its values. */
interface PolicyField<T> {
  /** Checks an option of a decorator, and a field of a contract that came over the network. */
  readonly isValid: (value: unknown) => boolean
  /** What a valid value is, for messages. */
  readonly expected: string
  /** The value that the contract states where the author sets none; a field without it is left out. */
  readonly default?: (method: string) => T
}

const READS: readonly string[] = ['find', 'get']

/** Reads can be repeated; every other method only if its author declares it. */
export function isIdempotentByNature (method: string): boolean {
  return READS.includes(method)
}

/** The longest time that a timer accepts, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** Whether a value is a number of milliseconds that a timer accepts. */
export function isTimeout (value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS
}

/** The fields of a policy, in the order in which contracts list them. */
export const POLICY_FIELDS: { readonly [K in keyof Required<MethodPolicy>]: PolicyField<MethodPolicy[K]> } = {
  idempotent: {
    isValid: value => typeof value === 'boolean',
    expected: 'true or false',
    default: isIdempotentByNature
  },
  timeout: {
    isValid: isTimeout,
    expected: 'a number of milliseconds above 0'
  }
}

const FIELDS: ReadonlyArray<[name: string, field: PolicyField<unknown>]> = Object.entries(POLICY_FIELDS)

/** The policy of a method: what its author sets, and the defaults for the rest. */
export function policyOfMethod (method: string, options: Partial<MethodPolicy> = {}): MethodPolicy {
  const given: Readonly<Record<string, unknown>> = { ...options }
  const policy = FIELDS.map(([name, field]) => [name, given[name] ?? field.default?.(method)])
  // The table has each field of the policy, and decorators refuse values that are not valid.
  return Object.fromEntries(policy.filter(([, value]) => value !== undefined)) as MethodPolicy
}

/** The policy in a method of a contract from the network; undefined where a field is not valid. */
export function readPolicy (fields: Fields, fieldOf: FieldOf = ownField): MethodPolicy | undefined {
  const policy: Record<string, unknown> = {}
  for (const [name, field] of FIELDS) {
    const value = fieldOf(fields, name)
    if (value === undefined ? field.default !== undefined : !field.isValid(value)) return undefined
    if (value !== undefined) policy[name] = value
  }
  // Each field has been checked by the table, which has each field of the policy.
  return policy as unknown as MethodPolicy
}
