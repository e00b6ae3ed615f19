import { types } from 'node:util'

/** The longest line of a log, in characters. */
export const MAX_LINE = 500

/** What stands for a value that must not be shown. */
export const HIDDEN = '(hidden)'
/** The longest name of a peer, or value of a user, within a line: what follows it has to fit in as well. */
const MAX_PART = 100
/** Control characters, those that turn the direction of text or show nothing, line breaks, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Text for one line of a log: names that peers choose must neither forge further lines nor make an endless one.
 *
 * @param max - characters
 */
export function printable (text: string, max = MAX_LINE): string {
  // Cut first: the rest costs time by the length of the text.
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text
  return cut.replace(UNPRINTABLE, '�')
}

/** Text of others for a part of a line. */
export function printablePart (text: string): string {
  return printable(text, MAX_PART)
}

/** Items of a list that a message shows. */
const FIRST_ITEMS = 10

/** The message of whatever was thrown: JavaScript throws anything, also what can't be read. */
export function messageOf (thrown: unknown): string {
  try {
    const message: unknown = thrown instanceof Error ? thrown.message : thrown
    return Array.isArray(message) ? message.slice(0, FIRST_ITEMS).map(textOf).join() : textOf(message)
  } catch {
    return 'something that can\'t be read'
  }
}

/** A text of a value; that of lists within lists could have no end, as a peer may send one list in many places. */
function textOf (value: unknown): string {
  const isMadeOfItems = Array.isArray(value) || ArrayBuffer.isView(value) ||
    (types.isNativeError(value) && (typeof value.message !== 'string' || typeof value.name !== 'string'))
  return isMadeOfItems ? kindOfValue(value) : String(value)
}

/** What kind of value something is, for messages: its contents may be secret, or throw. */
export function kindOfValue (value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (types.isProxy(value)) return 'a Proxy'
  if (types.isPromise(value)) return 'a promise'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/**
 * A value for the message about it. In a URL, anything before the last `@` and after the `?` may be a credential: it is
 * cut, also where the URL is not written correctly.
 */
export function withoutCredentials (value: string): string {
  const at = value.lastIndexOf('@')
  const host = value.indexOf('://') + '://'.length
  if (host < '://'.length) {
    const colon = value.indexOf(':')
    return printable(colon === -1 || at < colon ? value : `…${value.slice(at)}`)
  }
  const url = at < host ? value : `${value.slice(0, host)}…${value.slice(at)}`
  const query = url.indexOf('?')
  return printable(query === -1 ? url : `${url.slice(0, query)}?…`)
}

/** What a message needs to name a node. Peers choose both, so they may be anything. */
export interface NamedNode {
  readonly id: string
  readonly name?: string
}

/** How messages name a node: `api-7f (id)`, or its id alone. */
export function nodeTitle ({ id, name }: NamedNode): string {
  return name === undefined ? printable(id) : `${printable(name)} (${printable(id)})`
}
