import { types } from 'node:util'
import { isOwnClass } from './class-types'

/** A list longer than this has no holes: a few bytes can stand for millions of them. */
export const MAX_LENGTH_WITH_HOLES = 1_000

/** Whether a value holds others: class-validator looks for rules in those, or nowhere. */
export function isCollection (value: unknown): value is unknown[] | Set<unknown> | Map<unknown, unknown> {
  return Array.isArray(value) || value instanceof Set || value instanceof Map
}

/**
 * Whether an object is made of fields, so that an instance of a class can be made of it. Bytes, dates, lists and the
 * like are not: what JavaScript lists as their fields may be millions of bytes.
 */
export function isFieldsObject (value: object): boolean {
  return !isCollection(value) && !isBytes(value) && !(value instanceof Error) && !isBuiltIn(value)
}

function isBytes (value: object): boolean {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)
}

function isBuiltIn (value: object): boolean {
  return types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value) || types.isPromise(value) ||
    value instanceof URL || value instanceof URLSearchParams
}

/** @throws TypeError for a long list with holes */
export function throwIfSparse (list: readonly unknown[]): void {
  if (list.length <= MAX_LENGTH_WITH_HOLES) return
  // A hole is found at the first of them, and what comes before it was sent.
  for (let index = 0; index < list.length; index++) {
    if (list[index] === undefined && !(index in list)) throw new TypeError(`a list of ${list.length} items has holes`)
  }
}

/** Whether a class is one of these three, or made of one of them. */
export function isCollectionClass (type: unknown): type is ArrayConstructor | MapConstructor | SetConstructor {
  return isListClass(type) || isSetClass(type) || isMapClass(type)
}

/** Whether a class is Set, or made of it. */
export function isSetClass (type: unknown): type is SetConstructor {
  return extendsClass(type, Set)
}

/** Whether a class is Map, or made of it. */
export function isMapClass (type: unknown): type is MapConstructor {
  return extendsClass(type, Map)
}

/** Whether a class is Array, or made of it. */
export function isListClass (type: unknown): type is ArrayConstructor {
  return extendsClass(type, Array)
}

/** Whether no fields make an instance of a class: it is a list or the like, or JavaScript's own, except Object. */
export function isNotOfFields (type: unknown): boolean {
  return isCollectionClass(type) || (type !== Object && !isOwnClass(type))
}

function extendsClass (type: unknown, base: ArrayConstructor | MapConstructor | SetConstructor): boolean {
  return type === base || (typeof type === 'function' && type.prototype instanceof base)
}
