/** Whether something is an object of options, and none that is made for something else: a list, a Map, a Promise, … */
export function isOptions (value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  // Not instanceof: it may come from another realm. A module may hold options as well.
  return ['[object Object]', '[object Module]'].includes(Object.prototype.toString.call(value))
}

/** Leaves out what says nothing: in a configuration file that is null. */
export function withoutEmpty<T extends object> (options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}
