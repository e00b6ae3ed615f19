/** Characters of a line of a log. */
const MAX_LINE = 500

/** Text for one line of a log: what others call themselves must neither forge further lines nor make an endless one. */
export function printable (text: string): string {
  const readable = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
  return readable.length > MAX_LINE ? `${readable.slice(0, MAX_LINE)}…` : readable
}

/** The message of something that was thrown, which may be anything. */
export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
