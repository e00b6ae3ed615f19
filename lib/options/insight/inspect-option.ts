import { isText } from '../../record'
import type { InspectPolicy } from '../../inspection/inspector'
import { isOptions } from '../../option-table/given'
import { isListOf, only } from '../../option-table/kinds'

/** Who may ask a node what it measured: nobody, all, or nodes with one of these keys. */
export type InspectOption = boolean | readonly string[] | {
  /** The keys of nodes that may ask. @default all */
  readonly keys?: readonly string[]
  /** Whether taps may tell what calls and events carry. @default false */
  readonly payloads?: boolean
}

const NAMES = ['keys', 'payloads']

function isKeys (value: unknown): boolean {
  return isListOf(isText)(value)
}

function isInspectOption (value: unknown): boolean {
  if (typeof value === 'boolean' || isKeys(value)) return true
  if (!isOptions(value) || !Object.keys(value).every(name => NAMES.includes(name))) return false
  const { keys, payloads }: { readonly keys?: unknown, readonly payloads?: unknown } = value
  return (keys === undefined || isKeys(keys)) && (payloads === undefined || typeof payloads === 'boolean')
}

/** The option `inspect`. */
export const inspectOption = only<InspectOption>(
  'true, false, a list of keys, or { keys, payloads }, of which both may be left out', isInspectOption
)

/** @param byDefault - whether the node answers where the option is not given */
export function toInspectPolicy (inspect: InspectOption | undefined, byDefault: boolean): InspectPolicy {
  if (inspect === undefined || typeof inspect === 'boolean') {
    return { isOn: inspect ?? byDefault, keys: undefined, payloads: false }
  }
  if (isKeyList(inspect)) return { isOn: true, keys: inspect, payloads: false }
  return { isOn: true, keys: inspect.keys, payloads: inspect.payloads ?? false }
}

/** The compiler does not know read-only lists by `Array.isArray` alone. */
function isKeyList (inspect: object): inspect is readonly string[] {
  return Array.isArray(inspect)
}
