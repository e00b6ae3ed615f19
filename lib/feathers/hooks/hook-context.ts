import type { Application } from '@feathersjs/feathers'
import { isRecord } from '../../record'

/** The fields of a hook context that mean something on another node. */
const SENT_FIELDS = ['id', 'data', 'result', 'dispatch', 'statusCode'] as const
/** More of them; in an event that was emitted by hand these are null. */
const SENT_NAMES = ['type', 'method'] as const

/** The part of a hook context that an event carries. */
export type PlainContext = Readonly<Record<string, unknown>>

/** Whether the last argument of a listener is a hook context of Feathers, and not part of the payload. */
export function isHookContext (value: unknown, app: Application): value is Record<string, unknown> {
  if (!isRecord(value) || !('path' in value)) return false
  return value.app === app || isApp(value.app)
}

/** Whether something is any Feathers app: the contexts of a service from a sub-app hold the sub-app. */
function isApp (value: unknown): boolean {
  // An app of Express is a function.
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return 'service' in value && typeof value.service === 'function' &&
    'hooks' in value && typeof value.hooks === 'function' &&
    'services' in value && typeof value.services === 'object'
}

/**
 * A hook context as plain data. It leaves out the payload, which the event holds already, and what listeners get in any
 * case. Undefined when nothing is left.
 */
export function toPlainContext (
  context: Record<string, unknown>, payload: unknown, params: Readonly<Record<string, unknown>> | undefined
): PlainContext | undefined {
  let plain: Record<string, unknown> | undefined
  for (const field of SENT_FIELDS) {
    const value = context[field]
    if (value !== undefined && value !== payload) (plain ??= {})[field] = value
  }
  for (const field of SENT_NAMES) {
    const value = context[field]
    if (value !== undefined && value !== null) (plain ??= {})[field] = value
  }
  return isEmpty(params) ? plain : { ...plain, params }
}

function isEmpty (params: object | undefined): boolean {
  for (const _name in params) return false
  return true
}

/** The context for listeners of a remote event, also of an event that was emitted by hand. */
export function toHookContext (
  app: Application, service: unknown, payload: unknown, plain: PlainContext
): Record<string, unknown> {
  return { result: payload, ...plain, app, service }
}
