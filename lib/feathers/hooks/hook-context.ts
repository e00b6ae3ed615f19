import type { Application } from '@feathersjs/feathers'

/** The fields of a hook context that mean something on another node. */
const TRAVELLING = ['id', 'data', 'result', 'dispatch', 'statusCode'] as const
/** And these, which are null for an event that was emitted by hand. */
const NAMES = ['type', 'method'] as const

/** A hook context as far as an event carries it. */
export type PlainContext = Readonly<Record<string, unknown>>

/** Tells a hook context, which Feathers gives listeners last, from a payload. */
export function isHookContext (value: unknown, app: Application): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || !('path' in value)) return false
  const { app: given } = value as { app?: unknown }
  return given === app || isApp(given)
}

/** The contexts of a service that came with a sub-app have that one. */
function isApp (value: unknown): boolean {
  // An app of Express is a function.
  if (value === null || !['object', 'function'].includes(typeof value)) return false
  const { service, hooks, services } = value as Partial<Application>
  return typeof service === 'function' && typeof hooks === 'function' && typeof services === 'object'
}

/**
 * A hook context as plain data, without the payload, which is not sent a second time, and without what listeners get
 * anyway; undefined when nothing is left.
 */
export function toPlainContext (
  context: Record<string, unknown>, payload: unknown, params: Readonly<Record<string, unknown>> | undefined
): PlainContext | undefined {
  let plain: Record<string, unknown> | undefined
  for (const field of TRAVELLING) {
    const value = context[field]
    if (value !== undefined && value !== payload) (plain ??= {})[field] = value
  }
  for (const field of NAMES) {
    const value = context[field]
    if (value !== undefined && value !== null) (plain ??= {})[field] = value
  }
  return isEmpty(params) ? plain : { ...plain, params }
}

function isEmpty (params: object | undefined): boolean {
  for (const _name in params) return false
  return true
}

/** The context that listeners of a remote event get; also for an event that was emitted by hand. */
export function toHookContext (
  app: Application, service: unknown, payload: unknown, plain: PlainContext
): Record<string, unknown> {
  return { result: payload, ...plain, app, service }
}
