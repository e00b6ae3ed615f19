import { bytes, checkedLater, flag, milliseconds, nested, only, text } from '../../../option-table/kinds'
import { isOptions } from '../../../option-table/given'
import type { ValueOf } from '../../../option-table/option'
import { isText } from '../../../record'
import { DURABLE_OPTIONS, type DurableOptions } from '../durable/durable-options'

/** What every server and every wildcard takes for one part of a subject. */
const PREFIX = /^[\w-]{1,64}(?:\.[\w-]{1,64}){0,7}$/

const isList = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isText)

/** The options of the NATS transport: a new one is a row here. */
export const NATS_OPTIONS = {
  /**
   * The servers of one cluster: `'nats://a:4222,b:4222'`, or a list; `tls://…` for TLS. The node takes one of them, and
   * another one when that is lost. @default 'nats://127.0.0.1:4222'
   */
  servers: only<string | readonly string[]>('a URL or a list of them', value => isText(value) || isList(value))
    .or('nats://127.0.0.1:4222'),
  /** The name of a user. */
  user: text.hide(),
  /** The password of the user. */
  pass: text.hide(),
  /** A token instead of a user. */
  token: text.hide(),
  /** The seed of an NKey, `SU…`. */
  nkey: checkedLater<string>().hide(),
  /** A credentials file: its path, which is read again for each connection, or what is in it. */
  creds: checkedLater<string>().hide(),
  /** TLS options of the client: `ca`, `cert`, `key`, `caFile`, `certFile`, `keyFile`; `true` for none. */
  tls: only<object | boolean>('an object or true', value => isOptions(value) || typeof value === 'boolean').hide(),
  /** What all subjects begin with: letters, digits, `_` and `-`, in parts with a dot between them. @default 'mesh' */
  prefix: only<string>('1 to 8 parts of letters, digits, _ and -, each of at most 64, with a dot between them',
    value => typeof value === 'string' && PREFIX.test(value)).or('mesh'),
  /**
   * Whether the server's permissions bind each user to a key, so that `params.caller.proven` is true: docs/nats.md has
   * the permissions. @default false
   */
  keysByPermission: flag.or(false),
  /** How often a node announces itself. @default 10000 ms */
  helloInterval: milliseconds.or(10_000),
  /** A node of which nothing is expected, and that sends no hello for this long, is gone. @default 30000 ms */
  nodeTimeout: milliseconds.or(30_000),
  /** The longest message; beyond the server's `max_payload` it travels in pieces. @default 16777216 bytes */
  maxMessageSize: bytes.or(16 * 1024 * 1024),
  /**
   * What may wait for a peer, or for the server; beyond it, calls go elsewhere, events are dropped.
   * @default 33554432 bytes
   */
  maxBacklog: bytes.or(32 * 1024 * 1024),
  /** How the server keeps durable events. @default those below */
  durable: nested<DurableOptions>(DURABLE_OPTIONS)
}

/** The options of `nats({ … })`. */
// Mapped here, not by OptionsOf: so messages of the compiler name it instead of its table.
export type NatsOptions = { [Name in keyof typeof NATS_OPTIONS]?: ValueOf<typeof NATS_OPTIONS[Name]> }
