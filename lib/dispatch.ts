/**
 * The key under which Feathers' resolvers keep, on a value, what outside clients get in its place. A service that
 * embeds the value finds it there, and hides the same fields.
 */
export const DISPATCH = Symbol.for('@feathersjs/schema/dispatch')

interface Dispatched {
  readonly [DISPATCH]?: unknown
}

/** What outside clients get in place of a value; undefined where they get the value itself. */
export function dispatchOf (value: object & Dispatched): unknown {
  return value[DISPATCH]
}

/** Sets it: not enumerable, as Feathers does, and replaceable by a later hook. */
export function setDispatch (value: object, dispatch: unknown): void {
  Object.defineProperty(value, DISPATCH, { value: dispatch, writable: true, configurable: true, enumerable: false })
}

/** Hides on what was made of a value what the value itself hides; returns what was made. */
export function copyDispatch<T> (value: object, made: T): T {
  const dispatch = dispatchOf(value)
  if (dispatch !== undefined && made !== value && typeof made === 'object' && made !== null) setDispatch(made, dispatch)
  return made
}

/**
 * Keeps what outside clients get in place of a result on the result itself, for services that embed it. What the
 * host's resolvers set there came with the result, and stays.
 */
export function keepDispatch (result: unknown, dispatch: unknown): void {
  if (dispatch === undefined || typeof result !== 'object' || result === null || dispatch === result) return
  if (dispatchOf(result) === undefined) setDispatch(result, dispatch)
}
