import type { Contract } from '../../contract/contract'
import { readContract } from '../../contract/contract'

/**
 * What our nodes say to each other beside calls, on the same frames. A colon can't be in a method name,
 * so a stock peer can neither send nor receive these by accident.
 */
export const MESH_PREFIX = 'mesh:'
export const CONTRACTS = 'mesh:contracts'
export const SUBSCRIBE = 'mesh:listen'

/** Asks for the end of a request that the caller gave up; there is no answer. */
export const CANCEL = 'mesh:cancel'

/** Tells who calls on a connection, first of all; there is no answer. */
export const CALLER = 'mesh:caller'

/** Asks for nothing but an answer. */
export const PING = 'mesh:ping'

/** The ids of frames that a responder sends without being asked; a stock requester ignores ids that it did not give. */
export const EVENT_ID = '!event'
export const GOODBYE_ID = '!goodbye'

/** The id of frames that get no answer. */
export const NO_REPLY_ID = '!'

/** The version of these additions, told in the hello. */
export const MESH_VERSION = 1

/** The answer to {@link CONTRACTS}. */
export interface ContractsReply {
  /** The node that answers; not the one that was meant, if that is gone and its port was given away. */
  readonly id?: string
  readonly revision: number
  readonly contracts: readonly Contract[]
  /** The clock of the node, in milliseconds since 1970. */
  readonly now: number
}

/** Who calls, as {@link CALLER} has it. */
export interface Introduction {
  readonly node: string
  readonly key: string
}

/** The longest id or key of a node; a connection keeps them, and each line of the log that it causes has them. */
const MAX_NAME_LENGTH = 1_000

function isName (value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH
}

export function readIntroduction (value: unknown): Introduction | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { node, key } = value as Partial<Introduction>
  return isName(node) && isName(key) ? { node, key } : undefined
}

/** Reads it; contracts that are none are left out, as a newer node may have other kinds. */
export function readContractsReply (value: unknown): ContractsReply | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, revision, contracts, now } = value as Partial<ContractsReply>
  if (!Number.isInteger(revision) || !Array.isArray(contracts) || typeof now !== 'number') return undefined
  const known = contracts.map(readContract).filter(contract => contract !== undefined)
  return { id, revision: revision as number, contracts: known, now }
}
