import { isDeepStrictEqual } from 'node:util'
import type { EventMessage } from '../../transport'
import { isRecord } from '../../../record'

type Fields = Readonly<Record<string, unknown>>

/** Stands for an item that its host shows to nobody. */
const NOTHING = Object.freeze({})

/**
 * An event as nodes of 2.4 get it, which give all of it to their clients: the payload's own fields among those that
 * route it. Where the host has said what clients see, it is that.
 */
export function toPlainEvent (message: EventMessage): object {
  const { path, key, args: [payload], context = NOTHING } = message
  // Routed by these two, whatever the payload has: else the event would be lost, or be that of another service.
  return { ...fieldsOf(shown(payload, context)), path, key }
}

/**
 * An event as nodes of 3.0 get it, with a hook context. Their clients get its `dispatch` or its `result`, and their
 * channels look into its params.
 */
export function toEventWithContext ({ path, key, event, args: [payload], context = NOTHING }: EventMessage): object {
  const { params, result, dispatch, ...others } = context
  const whole = {
    type: null,
    method: null,
    ...others,
    params: queryOf(params),
    path,
    event,
    result: resultOf(payload, result),
    // In a list that is a result they look for one item: a list that is itself the payload is shown to them instead.
    ...isGiven(dispatch) || Array.isArray(payload) ? { dispatch: shown(payload, context) } : {}
  }
  // Behind the payload's fields: over there one that it calls so would pass for the hook context.
  return { ...fieldsOf(payload), context: whole, path, key }
}

/** An event of an old node; undefined if it can't be told whose it is. */
export function fromWireEvent (event: string, value: unknown): EventMessage | undefined {
  if (!isRecord(value)) return undefined
  const { path, key, ...fields } = value
  if (typeof path !== 'string' || typeof key !== 'string') return undefined
  if (!isHookContext(fields.context)) return { path, key, event, args: [fields] }
  const { context, ...payload } = fields
  return { path, key, event, args: [payload], context }
}

/** What clients of the host get of a payload. Feathers emits the items of a list one by one, all with one context. */
function shown (payload: unknown, { result, dispatch }: Fields): unknown {
  if (!isGiven(dispatch)) return payload
  if (!Array.isArray(dispatch) || Array.isArray(payload) || !Array.isArray(result)) return dispatch
  const position = result.indexOf(payload)
  // Both lists have the same order as long as nothing was taken out of one.
  if (position >= 0 && result.length === dispatch.length) return dispatch[position] ?? NOTHING
  return dispatch.find(each => isDeepStrictEqual(each, payload)) ?? NOTHING
}

/** The result that belongs to one event: over there it is looked for in a list by a payload that has more fields. */
function resultOf (payload: unknown, result: unknown): unknown {
  if (Array.isArray(payload)) return { ...payload }
  return result === undefined || Array.isArray(result) ? payload : result
}

/** As Feathers asks whether there is a `dispatch`. */
function isGiven (dispatch: unknown): boolean {
  return Boolean(dispatch)
}

function queryOf (params: unknown): Fields {
  return isRecord(params) && params.query !== undefined ? { query: params.query } : NOTHING
}

/** Only an object can be taken apart; feathers-distributed would do this to other values too. */
function fieldsOf (value: unknown): object {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return NOTHING
  // What a class keeps out of its JSON is not for others.
  const plain: unknown = typeof value.toJSON === 'function' ? value.toJSON() : value
  return isRecord(plain) || Array.isArray(plain) ? plain : NOTHING
}

/** Version 2 sends no hook context: what a payload calls so is its own. */
function isHookContext (value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value.path === 'string' && typeof value.method === 'string'
}
