import { milliseconds, wholeNumber } from '../../../option-table/kinds'
import type { ValueOf } from '../../../option-table/option'

/** The longest age, in ms: the server counts nanoseconds, and numbers are exact up to about a hundred days of them. */
const MAX_AGE_MS = 100 * 24 * 3_600_000
const MAX_REPLICAS = 5

/** How a NATS server keeps durable events. What is not given stays as it is where the stream is there already. */
export const DURABLE_OPTIONS = {
  /** How long an event is kept, handled or not; at most 100 days. @default 604800000 ms */
  maxAge: wholeNumber(1_000, MAX_AGE_MS, 'ms'),
  /** The bytes of all events; beyond it the oldest ones go, handled or not. @default what the server has room for */
  maxBytes: wholeNumber(1, undefined, 'bytes'),
  /** How many servers of a cluster keep each event. @default 1 */
  replicas: wholeNumber(1, MAX_REPLICAS),
  /** For how long the server knows an event that it gets twice. @default 120000 ms */
  duplicateWindow: wholeNumber(100, MAX_AGE_MS, 'ms'),
  /** How long a dead letter is kept; at most 100 days. @default 2592000000 ms */
  letterAge: wholeNumber(1_000, MAX_AGE_MS, 'ms'),
  /** How long an event may take to be kept, a lost connection included. @default 5000 ms */
  storeTimeout: milliseconds.or(5_000)
}

/** The options of `nats({ durable: { … } })`. */
// Mapped here, not by OptionsOf: so messages of the compiler name it instead of its table.
export type DurableOptions = { [Name in keyof typeof DURABLE_OPTIONS]?: ValueOf<typeof DURABLE_OPTIONS[Name]> }
