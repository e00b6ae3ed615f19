/** Under which Feathers' resolvers keep, on a value, what outside clients get in its place. */
const DISPATCH = Symbol.for('@feathersjs/schema/dispatch')

/** What is made of a value hides from outside clients what the value hides; gives what was made. */
export function copyDispatch<T> (value: object, made: T): T {
  const dispatch = (value as { readonly [DISPATCH]?: unknown })[DISPATCH]
  if (dispatch === undefined || made === value || typeof made !== 'object' || made === null) return made
  const hidden = { value: dispatch, writable: true, configurable: true, enumerable: false }
  return Object.defineProperty(made, DISPATCH, hidden)
}
