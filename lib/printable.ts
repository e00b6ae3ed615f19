/** The longest line of a log, in characters. */
const MAX_LINE = 500

/** Text for one line of a log: names that peers choose must neither forge further lines nor make an endless one. */
export function printable (text: string): string {
  const readable = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
  return readable.length > MAX_LINE ? `${readable.slice(0, MAX_LINE)}…` : readable
}

/** The message of whatever was thrown: JavaScript throws anything. */
export function messageOf (thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
