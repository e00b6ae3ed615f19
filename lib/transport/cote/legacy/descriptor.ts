import type { Contract } from '../../../contract/contract'
import { isIdempotentByNature } from '../../../contract/contract'
import type { EventMessage } from '../../transport'

/** A service as feathers-distributed publishes it. */
export interface WireDescriptor {
  readonly uuid: string
  readonly shortUuid: string
  readonly key: string
  readonly path: string
  readonly events: readonly string[]
  readonly methods: readonly string[]
  readonly remoteOptions?: Readonly<Record<string, unknown>>
}

/** A contract of this node in the form that an old node understands. */
export function toDescriptor (node: { readonly id: string, readonly key: string }, contract: Contract): WireDescriptor {
  const { path, events, methods, remoteOptions } = contract
  return {
    uuid: node.id,
    shortUuid: node.id.split('-')[0] ?? node.id,
    key: node.key,
    path,
    events,
    methods: methods.map(({ name }) => name),
    ...remoteOptions === undefined ? {} : { remoteOptions }
  }
}

/**
 * The contract of a descriptor that came over the wire; undefined if it is none. A method that the old node's
 * responder does not listen for is left out: a call to it would never be answered.
 */
export function fromDescriptor (value: unknown, answered: readonly string[]): Contract | undefined {
  if (!isRecord(value)) return undefined
  const { path, methods, events, remoteOptions } = value
  if (typeof path !== 'string' || path === '') return undefined
  return {
    path,
    methods: names(methods)
      .filter(name => answered.includes(name))
      .map(name => ({ name, idempotent: isIdempotentByNature(name) })),
    events: names(events),
    ...isRecord(remoteOptions) ? { remoteOptions } : {}
  }
}

/** An event as old nodes get it: the payload's own fields among those that route it. */
export function toWireEvent ({ path, key, event, args, context }: EventMessage): object {
  const [payload] = args
  // Only an object can be taken apart; feathers-distributed would do this to other values too.
  return { path, key, context: { ...context, event }, ...isRecord(payload) || Array.isArray(payload) ? payload : {} }
}

/** An event of an old node; undefined if it can't be told whose it is. */
export function fromWireEvent (event: string, value: unknown): EventMessage | undefined {
  if (!isRecord(value)) return undefined
  const { path, key, context, ...payload } = value
  if (typeof path !== 'string' || typeof key !== 'string') return undefined
  return { path, key, event, args: [payload], ...isRecord(context) ? { context } : {} }
}

export function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function names (value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string' && name !== '') : []
}
