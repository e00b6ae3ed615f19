import type { EncodedValue } from '../../values/encode-value'
import { jsonText } from '../../values/json-text'
import type { IdArgument, TextArgument, ValueArgument } from './frame-writer'

/**
 * An argument that holds JSON. JSON has no undefined: it arrives as null.
 *
 * @throws RangeError for what JSON would repeat far beyond its length
 */
export function json (value: unknown): ValueArgument {
  return { type: 'j', text: jsonText(value) ?? 'null' }
}

/** An argument that holds a value in whichever form it was encoded. */
export function valueArgument ({ plain, text, beside }: EncodedValue): ValueArgument {
  const type = plain ? 'j' : 'v'
  return beside === undefined ? { type, text } : { type, text, beside: besideArgument(beside) }
}

/** An argument behind a value, with what travels beside it. Nodes that don't know of it look at those before it. */
export function besideArgument (text: string): TextArgument {
  return { type: 'b', text }
}

/** An argument that holds a string. */
export function string (text: string): TextArgument & { readonly type: 's' } {
  return { type: 's', text }
}

/** An argument that holds an id. */
export function idArgument (id: string | number): IdArgument {
  return { type: 's', text: id }
}

/** An argument that is encoded already. */
export const NULL: TextArgument = { type: 'j', text: 'null' }

/** The most bytes that UTF-8 needs for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3

/**
 * Leaves a message alone that the other side takes. A longer one would cost the connection, and all calls on it.
 *
 * @throws RangeError
 */
export function refuseOversize ({ text, beside }: ValueArgument, maxMessageSize: number): void {
  const length = beside === undefined ? text.length : text.length + beside.text.length
  // Counting is only worth it where it could matter.
  if (length * MAX_BYTES_PER_UNIT < maxMessageSize) return
  const bytes = Buffer.byteLength(text) + (beside === undefined ? 0 : Buffer.byteLength(beside.text))
  if (bytes >= maxMessageSize) throw new RangeError(`it has ${bytes} bytes, and a message has less than ${maxMessageSize}`)
}
