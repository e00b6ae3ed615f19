/** A user before the host of a URL. A colon, also one that is encoded, would begin a password. */
const USER_ALONE = /(?<!\S)[a-z][a-z\d+.-]*:\/\/(?:(?!%3a)[^\s:/?#@])*@/gi
/** A password among what stands after the question mark of a URL. */
const IN_QUERY = /[?&][^=&]*(?:pass|secret|token|auth)[^=&]*=/i
const ENCODED = /%([\da-f]{2})/gi

/** Whether URLs for discovery hold a password: anything before an `@` may be one that is not a user alone. */
export function hasPassword (text: string): boolean {
  return hasCredentials(text.replace(USER_ALONE, ''))
}

/** Whether URLs of servers hold a credential: what stands before an `@` of NATS is a password or a token. */
export function hasCredentials (text: string): boolean {
  const plain = text.replace(ENCODED, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return text.includes('@') || IN_QUERY.test(plain)
}
