import * as feathersErrors from '@feathersjs/errors'

/** A class whose instances are errors. Its constructor is never called. */
export type ErrorClass = abstract new (...args: never[]) => Error

/** Error classes by their names. */
export type ErrorClasses = ReadonlyMap<string, ErrorClass>

const BUILT_IN: readonly ErrorClass[] = [
  Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError
]

/** The classes of Feathers by the names under which it exports them: bundlers rename classes, and never these. */
const OF_FEATHERS = Object.entries<unknown>(feathersErrors).filter(isErrorClass)

/** The classes that every node knows: JavaScript's and those of Feathers. */
export const ERROR_CLASSES: ErrorClasses = new Map([...byName(BUILT_IN), ...OF_FEATHERS])

const NAMES: ReadonlyMap<unknown, string> = new Map(Array.from(ERROR_CLASSES, ([name, type]) => [type, name]))

/** The classes that every node knows, and an application's own. */
export function errorClasses (own: readonly ErrorClass[]): ErrorClasses {
  return own.length === 0 ? ERROR_CLASSES : new Map([...byName(own), ...ERROR_CLASSES])
}

/** The name by which other nodes know a class. */
export function nameOfClass (type: { readonly name: unknown }): unknown {
  return NAMES.get(type) ?? type.name
}

function isErrorClass (entry: [string, unknown]): entry is [string, ErrorClass] {
  const [, value] = entry
  return typeof value === 'function' && value.prototype instanceof Error
}

function byName (classes: readonly ErrorClass[]): ErrorClasses {
  return new Map(classes.map(type => [type.name, type]))
}
