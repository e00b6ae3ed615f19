import { errors, FeathersError } from '@feathersjs/errors'
import type { ErrorClass, ErrorClasses } from './codec'

const BUILT_IN: readonly ErrorClass[] = [
  Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError
]

/** The classes that every node knows: JavaScript's and those of Feathers. */
export const ERROR_CLASSES: ErrorClasses = byName([...BUILT_IN, FeathersError, ...Object.values(errors)])

/** Those, and an application's own. */
export function errorClasses (own: readonly ErrorClass[]): ErrorClasses {
  return own.length === 0 ? ERROR_CLASSES : new Map([...byName(own), ...ERROR_CLASSES])
}

function byName (classes: readonly unknown[]): ErrorClasses {
  // The table of Feathers has some under their codes as well, which is no harm.
  return new Map((classes as ErrorClass[]).map(type => [type.name, type]))
}
