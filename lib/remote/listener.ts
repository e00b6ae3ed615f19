import { isRecord } from '../record'
import type { EventMessage } from '../transport/transport'

/** Receives the arguments of an event and, last, its context. */
export type Listener = (...args: unknown[]) => void

/** What listeners get: the arguments of the event and, last, its context. */
export function heardOf (path: string, { event, args, context }: EventMessage): unknown[] {
  // Listeners read them, and a peer may send anything.
  const params = isRecord(context?.params) ? context.params : {}
  return [...args, { type: null, method: null, ...context, params, path, event }]
}
