import type { Contract } from '../../contract/contract'
import { MAX_NAME_LENGTH } from '../../contract/contract-bounds'
import { fieldsOf, textField } from '../../record'
import { clockOfNode } from '../node-clock'
import type { TransportHost } from '../transport'

/**
 * The methods of requests that nodes send each other beside calls. A colon can't be in the name of a method, so nodes
 * of feathers-distributed can neither send nor receive these by accident.
 */
export const MESH_PREFIX = 'mesh:'

/**
 * Asks for the contracts of a node; the answer is a {@link ContractsReply}. With `hashes` in its data, it asks for the
 * lists of contracts that go by these hashes, of whichever nodes.
 */
export const CONTRACTS = 'mesh:contracts'

/**
 * Tells the paths whose events the sender wants from now on. With `counts: true` in its params, the sender asks for
 * counts of the events; with `resume`, it goes on where another of its connections ended.
 */
export const SUBSCRIBE = 'mesh:listen'

/** Asks for the end of a request that its caller gave up; there is no answer. */
export const CANCEL = 'mesh:cancel'

/**
 * Tells who calls, and which node is meant, before anything else. A node that is not the one refuses what follows as if
 * it had not been sent, and answers only the question for contracts, by which it tells who it is. Nodes whose hellos
 * tell their clock answer with their `id` and, as `now`, their mesh clock.
 */
export const CALLER = 'mesh:caller'

/** Asks for nothing but an answer, which tells the clock. It may prove which time of that clock the sender has read. */
export const PING = 'mesh:ping'

/**
 * Says hello by a connection, for nodes that have no other way to hear of each other. The first one of a connection
 * asks for the hellos of the other node as well. Those that follow, on either side, get no answer.
 */
export const HELLOS = 'mesh:hellos'

/**
 * Tells a node that leaves, and that counts the events of the sender's subscriptions, that no more requests come by the
 * connection; there is no answer.
 */
export const DONE = 'mesh:done'

/**
 * Asks what a node measured, or for a tap of its calls and events. A node that does not answer such questions refuses
 * it, as a call that no service takes.
 */
export const INSPECT = 'mesh:inspect'

/** The version of these additions, which the hello states. */
export const MESH_VERSION = 1

/** The answer to {@link CONTRACTS}. */
export interface ContractsReply {
  /** The node that answers: not the one that was meant, where that is gone and its address was given away. */
  readonly id?: string
  /** What people call the node. */
  readonly name?: string
  /** Whether the node only looks at the mesh. */
  readonly observer?: true
  /** Counts the changes of the contracts. */
  readonly revision: number
  readonly contracts: readonly Contract[]
  /** The mesh clock of the node; the wall clock of one of 0.1. */
  readonly now: number
}

/** What a node tells of its mesh clock, in whole milliseconds. */
export function clockOf (host: Pick<TransportHost, 'now'>): { readonly now: number } {
  return { now: Math.floor(clockOfNode(host)()) }
}

/** Who calls, as {@link CALLER} tells it. */
export interface Introduction {
  readonly node: string
  readonly key: string
  /** The id of the node that is meant; nodes of 0.1 don't tell. */
  readonly to?: string
}

/** The field that holds a name of a node, or its id or key; undefined where it is anything else, or too long. */
export function nameField (fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const text = textField(fields, name)
  return text === undefined || text.length > MAX_NAME_LENGTH ? undefined : text
}

/** Reads an introduction; undefined for anything else. */
export function readIntroduction (value: unknown): Introduction | undefined {
  const fields = fieldsOf(value)
  const node = nameField(fields, 'node')
  const key = nameField(fields, 'key')
  const to = nameField(fields, 'to')
  return node === undefined || key === undefined ? undefined : { node, key, ...to === undefined ? {} : { to } }
}
