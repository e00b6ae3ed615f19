import { hasHole } from './collection-codecs'
import { kindOf } from './kind'
import type { PathKey } from './unsendable-value'

/** Those whose `toJSON` knows less than we do. */
const KEPT = ['Date', 'Buffer', 'URL', 'Error', 'DOMException']

/** What JSON would make of an object that says so itself; any other is itself. */
export function jsonOf (value: object, key: PathKey): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON !== 'function' || KEPT.includes(nameOf(value) ?? '')) return value
  return toJSON.call(value, String(key))
}

/** The name of an object's kind on the wire; undefined for one that is written field by field. */
export function nameOf (value: object): string | undefined {
  if (Array.isArray(value)) return hasHole(value) ? 'Sparse' : 'Array'
  if (Object.getPrototypeOf(value) === Object.prototype) return undefined
  const kind = kindOf(value)
  return kind.is === 'named' ? kind.name : undefined
}
