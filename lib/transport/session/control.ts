import { readContract, type Contract } from '../../contract/contract'
import { fieldsOf, isRecord, listField, numberField, textField } from '../../record'

/**
 * The methods of requests that nodes send each other beside calls. A colon can't be in the name of a method, so nodes
 * of feathers-distributed can neither send nor receive these by accident.
 */
export const MESH_PREFIX = 'mesh:'

/** Asks for the contracts of a node; the answer is a {@link ContractsReply}. */
export const CONTRACTS = 'mesh:contracts'

/**
 * Tells the paths whose events the sender wants from now on. With `counts: true` in its params, the sender asks for
 * counts of the events; with `resume`, it goes on where another of its connections ended.
 */
export const SUBSCRIBE = 'mesh:listen'

/** Asks for the end of a request that its caller gave up; there is no answer. */
export const CANCEL = 'mesh:cancel'

/** Tells who calls, before anything else; there is no answer. */
export const CALLER = 'mesh:caller'

/** Asks for nothing but an answer. */
export const PING = 'mesh:ping'

/**
 * Tells a node that leaves, and that counts the events of the sender's subscriptions, that no more requests come by the
 * connection; there is no answer.
 */
export const DONE = 'mesh:done'

/** The version of these additions, which the hello states. */
export const MESH_VERSION = 1

/** The answer to {@link CONTRACTS}. */
export interface ContractsReply {
  /** The node that answers: not the one that was meant, where that is gone and its address was given away. */
  readonly id?: string
  /** What people call the node. */
  readonly name?: string
  /** Counts the changes of the contracts. */
  readonly revision: number
  readonly contracts: readonly Contract[]
  /** The clock of the node, in milliseconds since 1970. */
  readonly now: number
}

/** Who calls, as {@link CALLER} tells it. */
export interface Introduction {
  readonly node: string
  readonly key: string
}

/** Characters of the longest id, key or name of a node: a connection keeps them, and so does each line of the log. */
const MAX_NAME_LENGTH = 1_000

function nameField (fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const text = textField(fields, name)
  return text === undefined || text.length > MAX_NAME_LENGTH ? undefined : text
}

/** Reads an introduction; undefined for anything else. */
export function readIntroduction (value: unknown): Introduction | undefined {
  const fields = fieldsOf(value)
  const node = nameField(fields, 'node')
  const key = nameField(fields, 'key')
  return node === undefined || key === undefined ? undefined : { node, key }
}

/** Reads an answer with contracts. Contracts that this version can't read are left out: a newer node may have them. */
export function readContractsReply (value: unknown): ContractsReply | undefined {
  if (!isRecord(value)) return undefined
  const { id, revision } = value
  if (id !== undefined && typeof id !== 'string') return undefined
  const contracts = listField(value, 'contracts')
  const now = numberField(value, 'now')
  if (typeof revision !== 'number' || !Number.isInteger(revision) || contracts === undefined || now === undefined) {
    return undefined
  }
  const known = contracts.map(readContract).filter(contract => contract !== undefined)
  return { id, name: nameField(value, 'name'), revision, contracts: known, now }
}
