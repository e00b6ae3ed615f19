/**
 * Names of events that no service can have on the mesh. An emitter gives three of them a meaning of its own: it throws
 * an `error` that nobody listens to, and announces listeners by the other two. `gap` is the event of this library.
 */
const RESERVED = new Set([
  'error', 'newListener', 'removeListener', 'gap', ...Object.getOwnPropertyNames(Object.prototype)
])

/** Whether no service can have an event of this name. */
export function isReservedEvent (name: string): boolean {
  return RESERVED.has(name)
}
