import { isPlainRecord } from '../record'
import { HIDDEN, printablePart, withoutCredentials } from '../printable'

/** Items of a list, or fields of an object, that are told. */
const MAX_SHOWN_ITEMS = 50
/** Objects within objects: options of options. */
const MAX_SHOWN_DEPTH = 3

/** Names of what must not be told, whichever option it is a part of. */
const SECRET_NAME = /pass|secret|token|cred|auth|tls|cert|private|user|nkey|jwt|seed|pem|pfx|apikey/i
/** Keys and certificates as text, whatever the option is called that has them. */
const KEY_TEXT = '-----BEGIN '

/**
 * Options for others to see: as plain data, without what is secret. Those that are hidden on the app come hidden
 * already; objects of the program, such as its logger, are told by their kind.
 */
export function shownOptions (options: object): Readonly<Record<string, unknown>> {
  return fieldsShown(options, 0)
}

function fieldsShown (options: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options).slice(0, MAX_SHOWN_ITEMS)) {
    if (value === undefined) continue
    shown[name] = SECRET_NAME.test(name) ? HIDDEN : valueShown(value, depth)
  }
  return shown
}

function valueShown (value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.includes(KEY_TEXT) ? HIDDEN : printablePart(withoutCredentials(value))
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'function') return `(${printablePart(value.name === '' ? 'a function' : value.name)})`
  if (depth >= MAX_SHOWN_DEPTH) return '…'
  if (Array.isArray(value)) return value.slice(0, MAX_SHOWN_ITEMS).map(item => valueShown(item, depth + 1))
  if (isPlainRecord(value)) return fieldsShown(value, depth + 1)
  return '(an object)'
}
