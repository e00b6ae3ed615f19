import { isRecord } from '../../record'

/** Names of headers, as HTTP defines them. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** What no value of a header may hold: it would end the header. */
const INVALID_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/

/** Headers that are about one connection, or about how the body is written on it: only the gateway knows these. */
const OF_CONNECTION = new Set([
  'connection', 'content-encoding', 'content-length', 'expect', 'http2-settings', 'keep-alive', 'proxy-authenticate',
  'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'
])

/** Characters of all headers of a reply together: clients refuse answers with more than about twice as many. */
const MAX_HEADERS_LENGTH = 8_192

type Value = string | number | boolean | readonly string[]

/** The headers among what a host says that an HTTP answer can have, and that the host may set. */
export function cleanHeaders (headers: unknown): Record<string, Value> {
  const clean: Array<[string, Value]> = []
  let length = 0
  if (!isRecord(headers)) return {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    // First: one text may be in a list very many times.
    const own = lengthOf(value, MAX_HEADERS_LENGTH - length - name.length)
    if (own === undefined || !isHeader(name, value)) continue
    length += name.length + own
    if (length > MAX_HEADERS_LENGTH) break
    clean.push([name, value])
  }
  return Object.fromEntries(clean)
}

/** The status among what a host says that an HTTP answer can have; undefined for anything else. */
export function cleanStatus (status: unknown, min = 200): number | undefined {
  return typeof status === 'number' && Number.isInteger(status) && status >= min && status < 600 ? status : undefined
}

/** The location among what a host says; undefined for anything else. */
export function cleanLocation (location: unknown): string | undefined {
  return typeof location === 'string' && location.length <= MAX_HEADERS_LENGTH ? location : undefined
}

/** The characters of a value, or some more than so many; undefined for one that is no header. */
function lengthOf (value: unknown, max: number): number | undefined {
  // The digits of a BigInt take long to write.
  if (!Array.isArray(value)) return isRecord(value) || typeof value === 'bigint' ? undefined : String(value).length
  let length = 0
  for (let n = 0; n < value.length && length <= max; n++) {
    const item: unknown = value[n]
    if (typeof item !== 'string') return undefined
    length += item.length + 1
  }
  return length > max ? undefined : length
}

function isHeader (name: string, value: unknown): value is Value {
  const lower = name.toLowerCase()
  if (!HEADER_NAME.test(name) || OF_CONNECTION.has(lower)) return false
  // Express takes only one type of content.
  if (Array.isArray(value)) return lower !== 'content-type' && value.every(isValueText)
  return typeof value === 'number' || typeof value === 'boolean' || isValueText(value)
}

function isValueText (value: unknown): boolean {
  return typeof value === 'string' && !INVALID_IN_VALUE.test(value)
}
