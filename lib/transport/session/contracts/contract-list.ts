import { createHash } from 'node:crypto'
import type { Contract } from '../../../contract/contract'

/** Characters of the longest list that goes by its hash; a node that offers more is asked for its contracts itself. */
export const MAX_LIST_LENGTH = 1_048_576

/** All contracts of a node as the text that travels, and the hash of exactly this text. */
export interface ListText {
  readonly hash: string
  readonly text: string
}

/** A list that was read: nodes that offer the same share it. */
export interface ContractList extends ListText {
  readonly contracts: readonly Contract[]
}

/**
 * Writes the contracts of this node. Replicas register their services in any order, and their lists have to be equal.
 *
 * @returns undefined where the text is too long to go by its hash
 */
export function writeList (contracts: readonly Contract[]): ListText | undefined {
  const sorted = [...contracts].sort((one, other) => one.path < other.path ? -1 : 1)
  const list = hashed(JSON.stringify(sorted))
  return list.text.length > MAX_LIST_LENGTH ? undefined : list
}

/** Hashes a text that another node sent. What is read later is what the hash covers, not what was sent for it. */
export function hashed (sent: string): ListText {
  const bytes = Buffer.from(sent)
  // A lone surrogate has no bytes of its own: two different texts would have one hash.
  return { hash: createHash('sha256').update(bytes).digest('base64url'), text: bytes.toString() }
}
