import type { Codec } from './codec'
import { CODECS } from './codecs'
import { hasHole } from './collection-codecs'
import { kindOf, RECORD, type Kind } from './kind'
import type { PathKey } from './unsendable-value'
import { isAffordable } from './work-budget'

/** Those whose `toJSON` knows less than we do. */
const KEPT = new Set(['Date', 'Buffer', 'URL', 'Error', 'DOMException'])

/** What JSON would make of an object that says so itself; any other is itself. */
export function jsonOf (value: object, key: PathKey): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON !== 'function') return value
  const kind = formOf(value)
  return kind.is === 'named' && KEPT.has(kind.name) ? value : toJSON.call(value, String(key))
}

const ARRAY: Kind = { is: 'named', name: 'Array' }
const SPARSE: Kind = { is: 'named', name: 'Sparse' }

/** How any object is written. */
export function formOf (value: object): Kind {
  if (Array.isArray(value)) return hasHole(value) ? SPARSE : ARRAY
  return Object.getPrototypeOf(value) === Object.prototype ? RECORD : kindOf(value)
}

/** Whether its reader will make one of this name in a time that its length allows. */
export function isCheap (name: string, value: object): boolean {
  const made = (CODECS.get(name) as Codec).work?.(value)
  return made === undefined || isAffordable(made.work, made.length)
}
