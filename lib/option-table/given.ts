import { types } from 'node:util'

/** Whether something is an object of options, and none that is made for something else: a list, a Map, a Promise, … */
export function isOptions (value: unknown): value is object {
  // A Proxy may be anything, and read as anything.
  if (typeof value !== 'object' || value === null || types.isProxy(value) || Array.isArray(value)) return false
  // Not instanceof: it may come from another realm. A module may hold options as well.
  return ['[object Object]', '[object Module]'].includes(Object.prototype.toString.call(value))
}

/** Whether a value says anything; in a configuration file null does not. */
export function isGiven<T> (value: T): value is NonNullable<T> {
  return value !== undefined && value !== null
}

/** The options that say something. */
export function withoutEmpty<T extends object> (options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const given: { [K in keyof T]?: NonNullable<T[K]> } = {}
  for (const name of Object.keys(options) as Array<keyof T>) {
    const value = options[name]
    if (isGiven(value)) given[name] = value
  }
  return given
}
