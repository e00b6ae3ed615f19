import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What a request has to match. */
export interface GuardTerms {
  readonly port: number
  readonly token: string
}

/**
 * Whether a request comes from the page itself or from somebody who typed its address, and not from another page of
 * the same browser: also not from one whose name was pointed at this machine (DNS rebinding).
 */
export function isFromHere ({ headers }: Pick<IncomingMessage, 'headers'>, { port }: GuardTerms): boolean {
  const { host = '', origin } = headers
  // Browsers leave out the port of a scheme.
  const isOurs = ['127.0.0.1', 'localhost'].some(name => host === `${name}:${port}` || (port === 80 && host === name))
  return isOurs && (origin === undefined || origin === `http://${host}`)
}

/** Whether a request has the token. No page of another origin can send it: the server allows none to (CORS). */
export function hasToken ({ headers }: Pick<IncomingMessage, 'headers'>, { token }: GuardTerms): boolean {
  const { authorization = '', 'sec-fetch-site': site = 'same-origin' } = headers
  // Digests have one length, as the comparison needs, and tell nothing by the time that it takes.
  const [given, expected] = [authorization, `Bearer ${token}`].map(text => createHash('sha256').update(text).digest())
  return site === 'same-origin' && timingSafeEqual(given, expected)
}

/** What a browser may do with the page: nothing but to load its own files, and to show texts. */
export const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store'
} as const
