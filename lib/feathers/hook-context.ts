import type { Application } from '@feathersjs/feathers'

/** The fields of a hook context that mean something on another node. */
const TRAVELLING = ['type', 'method', 'event', 'id', 'data', 'result', 'dispatch', 'statusCode'] as const

/** A hook context as far as an event carries it. */
export type PlainContext = Readonly<Record<string, unknown>>

/** Tells a hook context, which Feathers gives listeners last, from a payload. */
export function isHookContext (value: unknown, app: Application): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'path' in value && (value as { app?: unknown }).app === app
}

/** A hook context as plain data; what is the payload itself is not sent a second time. */
export function toPlainContext (context: Record<string, unknown>, payload: unknown, params: unknown): PlainContext {
  const plain: Record<string, unknown> = { params }
  for (const field of TRAVELLING) {
    if (context[field] !== undefined && context[field] !== payload) plain[field] = context[field]
  }
  return plain
}

/** The context that listeners of a remote event get; also for an event that was emitted by hand. */
export function toHookContext (
  app: Application, service: unknown, payload: unknown, plain: PlainContext
): Record<string, unknown> {
  return { type: null, method: null, params: {}, result: payload, ...plain, app, service }
}
