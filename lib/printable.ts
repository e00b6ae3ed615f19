/** The longest line of a log, in characters. */
const MAX_LINE = 500

/** Text for one line of a log: names that peers choose must neither forge further lines nor make an endless one. */
export function printable (text: string): string {
  const readable = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
  return readable.length > MAX_LINE ? `${readable.slice(0, MAX_LINE)}…` : readable
}

/** The message of whatever was thrown: JavaScript throws anything. */
export function messageOf (thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    // It has a getter that throws, or nothing that makes it a string.
    return 'it was thrown without a message that can be read'
  }
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
