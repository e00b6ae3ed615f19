import type { LineLimit } from './line-limit'
import { MAX_LINE, printable } from './printable'

/** The longest text of a warning: with what Node puts before it, it is a line of the log. */
const MAX_TEXT = MAX_LINE - 70
/** Room for what follows a line that was held back. */
const MAX_SUFFIX = 100

/** What warnings are about, and the names that programs filter them by. */
const TOPICS = {
  /** Options that do not do what they say. */
  options: undefined,
  /** Services that are not offered, or not as their options say. */
  services: undefined,
  /** A function of the user that throws, or returns what it must not. */
  functions: undefined,
  /** Events that can't be sent, or not be heard. */
  events: undefined,
  /** Hellos that the network does not take. */
  hellos: undefined,
  /** Secrets and certificates that are kept, or expired. */
  credentials: undefined,
  /** What nodes find each other by, a server or a name in DNS, that is away or back. */
  discovery: { code: 'FEATHERS_MESH_DISCOVERY' },
  /** What an error does not tell an outside client. */
  failures: { code: 'FEATHERS_MESH_FAILURE' },
  contracts: { type: 'ContractWarning', code: 'FEATHERS_MESH_CONTRACT' },
  open: { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' },
  refusals: { type: 'SecurityWarning', code: 'FEATHERS_MESH_REFUSED' },
  paths: { code: 'FEATHERS_MESH_SERVICE' },
  routes: { code: 'FEATHERS_MESH_ROUTE' },
  unchecked: { code: 'FEATHERS_MESH_UNCHECKED' }
} as const

/** What a warning is about. */
export type WarningTopic = keyof typeof TOPICS

/**
 * Warns, in one line without control characters. All warnings go through here, as their texts may name what peers have
 * sent.
 *
 * @param limit - for what may happen at each call, or as often as a peer likes: the same text at most once a minute,
 *   and a limited number of others. Without it the caller warns once of each thing
 */
export function warn (topic: WarningTopic, text: string, limit?: LineLimit): void {
  const line = printable(text, MAX_TEXT)
  const suffix = limit === undefined ? '' : limit.admit(line)
  if (suffix !== undefined) write(topic, suffix === '' ? line : printable(line, MAX_TEXT - MAX_SUFFIX) + suffix)
}

function write (topic: WarningTopic, line: string): void {
  const options = TOPICS[topic]
  if (options === undefined) process.emitWarning(line)
  else process.emitWarning(line, options)
}

/** Writes a line to standard output, where users of cote look for it. */
export function say (text: string): void {
  // eslint-disable-next-line no-console -- the only place
  console.log(printable(text))
}
