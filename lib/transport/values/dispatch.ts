/**
 * Under which Feathers' resolvers keep, on a value, what outside clients get in its place. A service that embeds the
 * value finds it there, and hides the same fields.
 */
export const DISPATCH = Symbol.for('@feathersjs/schema/dispatch')

/** To put one on a value takes as long as to read so many characters, and the shortest has less. */
export const DISPATCH_WORK = 12

/** What outside clients get in the place of a value; undefined where they get the value itself. */
export function dispatchOf (value: object): unknown {
  return (value as { readonly [DISPATCH]?: unknown })[DISPATCH]
}

/** Puts it on a value, unseen as Feathers does, though a later hook may replace it. */
export function setDispatch (value: object, dispatch: unknown): void {
  Object.defineProperty(value, DISPATCH, { value: dispatch, writable: true, configurable: true, enumerable: false })
}
