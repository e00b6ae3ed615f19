import { types } from 'node:util'
import { isReservedEvent } from '../contract/event-name'
import { getServiceOptions, type Class } from '../decorators/metadata'
import { isOptions } from '../option-table/given'
import { isListOf, only, wrong } from '../option-table/kinds'
import { Option } from '../option-table/option'
import { isText } from '../record'
import { listenFault } from './listen'

/** Characters of the name of a node. */
const MAX_NAME_LENGTH = 100

/** A class is a function as well, but nobody means it to be called. */
function isClass (value: unknown): value is Class {
  // Only a class that is one at run time has the source of one; its type says no more than that.
  return typeof value === 'function' &&
    (getServiceOptions(value as Class) !== undefined || /^class\b/.test(Function.prototype.toString.call(value)))
}

const isFunction = (value: unknown): boolean => typeof value === 'function' && !isClass(value)
/** A misspelt field would leave the path to any key. */
function isRemoteOfKey (value: unknown): boolean {
  return isOptions(value) && isText(Reflect.get(value, 'path')) && isText(Reflect.get(value, 'key')) &&
    Object.keys(value).length === 2
}

// Decorators can't be read off a Proxy whose traps throw.
const isClassOrPath = (value: unknown): boolean =>
  (typeof value === 'function' && !types.isProxy(value)) || isText(value)

/** An option that takes classes, with advice where one stands alone, and for what else goes into the list. */
function classes<T> (expected: string, isValid: (value: unknown) => boolean, others = ''): Option<T> {
  return new Option<T>({
    faults: (value, place) => {
      if (isValid(value)) return []
      return [wrong(place, `be ${expected}`) + (isClass(value) ? `; put the class into one: [${value.name}]` : others)]
    },
    parse: text => text
  })
}

/** A function that is no class. */
export function callable<T> (): Option<T> {
  return only<T>('a function', isFunction)
}

/** A list of paths, or a function that chooses. */
export function filter<T> (): Option<T> {
  return only<T>('a list of paths, or a function', value => isFunction(value) || isListOf(isText)(value))
}

/** Names of events, without those that no service can have. */
export function eventNames<T> (): Option<T> {
  const isEvent = (value: unknown): boolean => isText(value) && !isReservedEvent(value)
  return only<T>("a list of names, without those of an emitter's own events ('error', 'newListener', 'removeListener')",
    isListOf(isEvent))
}

/** Paths of services, some with the key of their nodes. */
export function remotePathList<T> (): Option<T> {
  const isRemote = (value: unknown): boolean => isText(value) || isRemoteOfKey(value)
  return only<T>('a list of paths, or of { path, key }', isListOf(isRemote))
}

/** Classes and paths of services, or a function that chooses. */
export function services<T> (): Option<T> {
  const isValid = (value: unknown): boolean => isFunction(value) || isListOf(isClassOrPath)(value)
  return classes<T>('a list of classes and paths, or a function', isValid)
}

/** Classes alone. */
export function classList<T> (): Option<T> {
  const isAnyClass = (value: unknown): boolean => typeof value === 'function' && !types.isProxy(value)
  return classes<T>('a list of classes', isListOf(isAnyClass), ', and no instances: they are built here')
}

/** Classes and paths of services, some with the key of their nodes. */
export function neededRemotes<T> (): Option<T> {
  const isRemote = (value: unknown): boolean => isClassOrPath(value) || isRemoteOfKey(value)
  return classes<T>('a list of classes and paths', isListOf(isRemote), ', or of { path, key } in the place of a path')
}

/** Functions that Express or Koa run, before a service and after it. */
export function middlewareLists<T> (): Option<T> {
  const isMiddleware = (value: unknown): boolean => typeof value === 'function' || value === undefined || value === null
  const isValid = (value: unknown): boolean => isOptions(value) &&
    Object.entries(value).every(([name, each]) =>
      ['before', 'after'].includes(name) && [each].flat().every(isMiddleware))
  return new Option<T>({
    faults: (value, place) => {
      if (!isOptions(value)) return [wrong(place, 'be an object')]
      return isValid(value) ? [] : [wrong(place, "have functions, or lists of them, as 'before' and 'after'")]
    },
    parse: text => text
  })
}

/** Classes of errors. */
export function errorClassList<T> (): Option<T> {
  const isErrorClass = (value: unknown): boolean => typeof value === 'function' && value.prototype instanceof Error
  return only<T>('a list of error classes', isListOf(isErrorClass))
}

/** One of some words. */
export function oneOf<T extends string> (words: readonly T[]): Option<T> {
  return only<T>(`one of ${words.join(', ')}`, value => words.some(word => word === value))
}

/** One of some words, or a function. */
export function oneOfOrFunction<T> (words: readonly string[]): Option<T> {
  const isWord = (value: unknown): boolean => typeof value === 'string' && words.includes(value)
  return only<T>(`one of ${words.join(', ')}, or a function`, value => isFunction(value) || isWord(value))
}

/** A name that people read in logs: bounded, and nothing in it that forges a line. */
export const nodeName = only<string>(
  `a text of 1 to ${MAX_NAME_LENGTH} characters, none of them a control character`,
  value => typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME_LENGTH &&
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)
)

/** Where a node listens. */
export const listenPlace = new Option<string>({
  faults: (value, place) => {
    const fault = listenFault(value)
    return fault === undefined ? [] : [wrong(place, fault)]
  },
  parse: text => text
})
