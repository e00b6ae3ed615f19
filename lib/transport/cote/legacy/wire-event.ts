import type { EventMessage } from '../../transport'
import { jsonText } from '../../values/json-text'
import { isRecord } from '../../../record'

type Fields = Readonly<Record<string, unknown>>

/** Stands for an item that its host hides from clients. */
const NOTHING = Object.freeze({})

/**
 * An event for nodes of 2.4, which pass all of it to their clients: the payload's own fields among those that route it.
 * Where the host has set what clients see, the payload is that.
 */
export function toPlainEvent (message: EventMessage): object {
  const { path, key, args: [payload], context = NOTHING } = message
  // These two route the event, whatever the payload holds: else it would be lost, or belong to another service.
  return { ...fieldsOf(shown(payload, context)), path, key }
}

/**
 * An event for nodes of 3.0, with a hook context. Their clients get its `dispatch` or its `result`, and their channels
 * read its params.
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
    // They look for the one item in a list that is a result. A list that is itself the payload is sent as dispatch.
    ...isGiven(dispatch) || Array.isArray(payload) ? { dispatch: shown(payload, context) } : {}
  }
  // Behind the payload's fields: one of them may be called `context`.
  return { ...fieldsOf(payload), context: whole, path, key }
}

/** Reads an event of a node of feathers-distributed; undefined where its service is unknown. */
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
  const text = jsonText(payload)
  return text === undefined ? NOTHING : shownByText(dispatch).get(text) ?? NOTHING
}

/** What clients get of items of a list that hide nothing, by their JSON: each item is an event, with the list in it. */
const byText = new WeakMap<object, ReadonlyMap<string | undefined, unknown>>()

function shownByText (dispatch: readonly unknown[]): ReadonlyMap<string | undefined, unknown> {
  let known = byText.get(dispatch)
  if (known === undefined) {
    // Checked as a whole: items may share objects.
    jsonText(dispatch)
    byText.set(dispatch, known = new Map(dispatch.map(each => [jsonText(each), each])))
  }
  return known
}

/** The result for one event: nodes of 3.0 look for the item in a list by a payload that has more fields. */
function resultOf (payload: unknown, result: unknown): unknown {
  if (Array.isArray(payload)) return { ...payload }
  return result === undefined || Array.isArray(result) ? payload : result
}

/** Whether there is a `dispatch`, by the rule of Feathers. */
function isGiven (dispatch: unknown): boolean {
  return Boolean(dispatch)
}

function queryOf (params: unknown): Fields {
  return isRecord(params) && params.query !== undefined ? { query: params.query } : NOTHING
}

/** The fields of a payload; none where it is no object. */
function fieldsOf (value: unknown): object {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return NOTHING
  // What a class keeps out of its JSON stays here.
  const plain: unknown = typeof value.toJSON === 'function' ? value.toJSON() : value
  return isRecord(plain) || Array.isArray(plain) ? plain : NOTHING
}

/** Version 2 sends no hook context: a field of that name is the payload's own. */
function isHookContext (value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value.path === 'string' && typeof value.method === 'string'
}
