import { errors, FeathersError } from '@feathersjs/errors'

/** A class whose instances are errors. Its constructor is never called. */
export type ErrorClass = abstract new (...args: never[]) => Error

/** Error classes by their names. */
export type ErrorClasses = ReadonlyMap<string, ErrorClass>

const BUILT_IN: readonly ErrorClass[] = [
  Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError
]

/** The classes that every node knows: JavaScript's and those of Feathers. */
export const ERROR_CLASSES: ErrorClasses = byName([...BUILT_IN, FeathersError, ...Object.values(errors)])

/** The classes that every node knows, and an application's own. */
export function errorClasses (own: readonly ErrorClass[]): ErrorClasses {
  return own.length === 0 ? ERROR_CLASSES : new Map([...byName(own), ...ERROR_CLASSES])
}

/** Feathers lists some classes a second time, by their codes; the map removes those duplicates. */
function byName (classes: readonly ErrorClass[]): ErrorClasses {
  return new Map(classes.map(type => [type.name, type]))
}
