import type { Contract } from '../../../contract/contract'
import { isIdempotentByNature, readContract } from '../../../contract/contract'
import type { EventMessage } from '../../transport'
import { isRecord } from '../../values/record'

/**
 * The contract of a descriptor that came over the wire; undefined if it is none. A method that the old node's
 * responder does not listen for is left out: a call to it would never be answered.
 */
export function fromDescriptor (value: unknown, answered: readonly string[]): Contract | undefined {
  if (!isRecord(value)) return undefined
  const { path, methods, events, remoteOptions } = value
  return readContract({
    path,
    methods: names(methods)
      .filter(name => answered.includes(name))
      .map(name => ({ name, idempotent: isIdempotentByNature(name) })),
    events: names(events),
    ...isRecord(remoteOptions) ? { remoteOptions } : {}
  })
}

/** An event as old nodes get it: the payload's own fields among those that route it. */
export function toWireEvent ({ path, key, event, args, context }: EventMessage): object {
  const [payload] = args
  // Only an object can be taken apart; feathers-distributed would do this to other values too.
  const fields = isRecord(payload) || Array.isArray(payload) ? payload : {}
  // Listeners over there take it as it comes, and look into its params.
  const whole = { type: null, method: null, params: {}, ...context, event }
  // Routed by these two, whatever the payload has: else the event would be lost, or be that of another service.
  return { context: whole, ...fields, path, key }
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

/** Version 2 sends no hook context: what a payload calls so is its own. */
function isHookContext (value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value.path === 'string' && typeof value.method === 'string'
}

function names (value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string' && name !== '') : []
}
