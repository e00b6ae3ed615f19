import { isListHash } from '../../../contract/contract-hash'
import { fieldsOf, listField, numberField, textField } from '../../../record'
import type { KnownLists } from './known-lists'

/** Hashes in one question. */
export const MAX_HASHES = 256
/** Characters of the lists in one answer, unless the first list alone is longer, and the one that asks takes it. */
export const MAX_ANSWER_LENGTH = 262_144

/** Characters of the longest list that a node gives together with its question; a longer one is asked of it. */
export const MAX_GIVEN_LENGTH = 32_768

/**
 * What a node asks another one for beside its header: lists by their hashes, its own or those of other nodes. Nodes of
 * 0.1 are never asked so: their hellos have no hash.
 */
export interface ListsQuestion {
  /** The node that asks reads the clock in answers. */
  readonly readsClock: true
  readonly hashes: readonly string[]
  /** How many characters it takes in one answer. */
  readonly maxLength: number
  /** The list of the node that asks: the other one is about to ask for it, where it does not know it. */
  readonly own?: string
}

/** A character takes at most so many bytes in a message. */
const BYTES_PER_CHARACTER = 6

/**
 * The question for some lists.
 *
 * @param maxMessageSize - the bytes that an answer may have
 * @param own - the list of this node, where the other one may not have it
 */
export function questionFor (hashes: readonly string[], maxMessageSize: number, own?: string): ListsQuestion {
  return {
    readsClock: true,
    hashes,
    maxLength: Math.floor(maxMessageSize / BYTES_PER_CHARACTER),
    ...own !== undefined && own.length <= MAX_GIVEN_LENGTH ? { own } : {}
  }
}

/** The text of a list that a node gives together with its question. What it is is not known before it is hashed. */
export function readGiven (data: unknown): string | undefined {
  const text = textField(fieldsOf(data), 'own')
  return text !== undefined && text.length <= MAX_GIVEN_LENGTH ? text : undefined
}

/** What of the answer is about lists. */
export interface ListsAnswer {
  /** The hash of the list of the node that answers. */
  readonly hash?: string
  /** The texts of those lists that it holds. */
  readonly lists: readonly string[]
  /** Whether it holds others that the answer has no room for. */
  readonly more?: true
}

/** Reads the hashes that a node asks for; undefined where it asks for contracts as nodes of 0.1 do. */
export function readQuestion (data: unknown): Pick<ListsQuestion, 'hashes' | 'maxLength'> | undefined {
  const fields = fieldsOf(data)
  const hashes = listField(fields, 'hashes')
  if (hashes === undefined) return undefined
  const maxLength = numberField(fields, 'maxLength') ?? MAX_ANSWER_LENGTH
  // Peers send NaN as well, which no comparison would hold to a bound.
  return { hashes: hashes.slice(0, MAX_HASHES).filter(isListHash), maxLength: maxLength >= 0 ? maxLength : 0 }
}

/** Finds the lists that a node asks for. */
export function answerOf (
  { hashes, maxLength }: Pick<ListsQuestion, 'hashes' | 'maxLength'>, known: KnownLists
): ListsAnswer {
  const lists: string[] = []
  const hash = known.own?.hash
  let length = 0
  for (const each of new Set(hashes)) {
    const text = known.textOf(each)
    if (text === undefined) continue
    // It would break the connection of the one that asks.
    if (text.length > maxLength) continue
    length += text.length
    if (lists.length > 0 && length > Math.min(maxLength, MAX_ANSWER_LENGTH)) return { hash, lists, more: true }
    lists.push(text)
  }
  return { hash, lists }
}

/** Reads an answer; undefined for one of another kind. What its lists are is not known before they are hashed. */
export function readAnswer (value: unknown): ListsAnswer | undefined {
  const fields = fieldsOf(value)
  const lists = listField(fields, 'lists')
  if (lists === undefined) return undefined
  const { hash, more } = fields
  return {
    ...isListHash(hash) ? { hash } : {},
    lists: lists.filter(text => typeof text === 'string'),
    ...more === true ? { more } : {}
  }
}
