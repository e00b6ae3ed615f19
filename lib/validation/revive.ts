import type { Class } from '../decorators/metadata'
import { copyDispatch } from '../dispatch'
import { throwIfSparse } from './data-kinds'
import { fieldsOf } from '../record'
import { Instantiation } from './instantiate'

/**
 * Makes instances of a class of what came over the mesh: of an object, or of the items of a list. Anything else, also
 * instances, stays as it is.
 */
export function revive (type: Class<object>, value: unknown): unknown {
  // One for all items, which may share objects.
  if (Array.isArray(value)) throwIfSparse(value)
  const making = new Instantiation()
  const made = Array.isArray(value)
    ? copyDispatch(value, value.map(item => revivePlain(making, type, item)))
    : revivePlain(making, type, value)
  making.finish()
  return made
}

/** The same for the result of a method; `find` may give a page, `{ total, data: […] }`: its items are revived. */
export function reviveResult (method: string, type: Class<object>, result: unknown): unknown {
  if (method !== 'find' || !isPage(result)) return revive(type, result)
  return copyDispatch(result, { ...result, data: revive(type, result.data) })
}

function revivePlain (making: Instantiation, type: Class<object>, value: unknown): unknown {
  return isPlain(value) ? making.root(value, type) : value
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
