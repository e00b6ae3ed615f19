import type { Class } from '../decorators/metadata'
import { copyDispatch } from '../dispatch'
import { fieldsOf } from '../record'
import { instantiate } from './instantiate'

/**
 * Makes instances of a class of what came over the mesh: of an object, or of the items of a list. Anything else, also
 * instances, stays as it is.
 */
export function revive (type: Class<object>, value: unknown): unknown {
  if (!Array.isArray(value)) return revivePlain(type, value)
  return copyDispatch(value, value.map(item => revivePlain(type, item)))
}

/** The same for the result of a method; `find` may give a page, `{ total, data: […] }`: its items are revived. */
export function reviveResult (method: string, type: Class<object>, result: unknown): unknown {
  if (method !== 'find' || !isPage(result)) return revive(type, result)
  return copyDispatch(result, { ...result, data: revive(type, result.data) })
}

function revivePlain (type: Class<object>, value: unknown): unknown {
  return isPlain(value) ? instantiate(type, value) : value
}

function isPlain (value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isPage (value: unknown): value is { readonly total: number, readonly data: readonly unknown[] } {
  if (!isPlain(value)) return false
  const { total, data } = fieldsOf(value)
  return typeof total === 'number' && Array.isArray(data)
}
