import type { ReadOffer } from '../../../contract/read-contract'
import type { Fields } from '../../../record'
import type { ReadOffers } from './read-offers'

/** How nodes of this library begin a contract. */
const BEGIN = '{"path":"'
/** Characters. Contracts that are shorter offer little, and parting a list of many of them takes long. */
const SHORTEST = 100

/** A contract of a list that came as text. Its text is known, and perhaps what that was read as before. */
export class ListItem {
  /**
   * @param path - its path, as it came
   * @param text - its text from the end of its path on; empty where that is not known for certain
   * @param known - what this text was read as before
   * @param value - what `JSON.parse` made of it; undefined where its text is known
   */
  private constructor (
    readonly path: unknown, readonly text: string, readonly known: ReadOffer | undefined, readonly value: unknown
  ) {}

  /**
   * Parses a contract, of which only the path where its text is known. Throws where it is no JSON.
   *
   * @param part - its text without the beginning
   */
  static of (part: string, offers: ReadOffers): ListItem {
    const end = part.indexOf('"')
    // After a backslash, it may be a character of the path. Such a contract is read anew each time.
    const text = part[end - 1] === '\\' ? '' : part.slice(end)
    const known = offers.get(text)
    if (known === undefined) {
      const value = JSON.parse(BEGIN + part) as Fields // an object begins like this
      return new ListItem(value.path, text, undefined, value)
    }
    // Parsed, not cut out: it may have escapes, and what is cut out of a text keeps all of that in memory.
    return new ListItem(JSON.parse(`"${part.slice(0, end)}"`), text, known, undefined)
  }
}

/**
 * Parses the text of a list. Its contracts are items where it can be parted into them.
 *
 * @returns undefined where it is no list
 */
export function parseList (text: string, offers: ReadOffers): readonly unknown[] | undefined {
  const items = offers.isWorthwhile() ? partList(text, offers) : undefined
  if (items !== undefined) return items
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}

/** Where each part of a list is JSON, the whole is, and means the same. Otherwise it is not parted. */
function partList (text: string, offers: ReadOffers): readonly ListItem[] | undefined {
  if (!text.startsWith(`[${BEGIN}`) || !text.endsWith(']')) return undefined
  const parts = text.slice(1 + BEGIN.length, -1).split(`,${BEGIN}`)
  if (parts.length * SHORTEST > text.length) return undefined
  try {
    return parts.map(part => ListItem.of(part, offers))
  } catch {
    // It has what begins like a contract elsewhere, or is no JSON.
    return undefined
  }
}
