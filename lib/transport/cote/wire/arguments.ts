import type { EncodedValue } from '../../values/encode-value'
import { jsonText } from '../../values/json-text'
import type { IdArgument, TextArgument, ValueArgument } from './frame-writer'

/**
 * An argument that holds JSON. JSON can't express undefined, which arrives as null.
 *
 * @throws RangeError for a value whose JSON would be far longer than its distinct objects
 */
export function json (value: unknown): ValueArgument {
  return { type: 'j', text: jsonText(value) ?? 'null' }
}

/** An argument that holds a value in whichever form it was encoded. */
export function valueArgument ({ plain, text, beside }: EncodedValue): ValueArgument {
  const type = plain ? 'j' : 'v'
  return beside === undefined ? { type, text } : { type, text, beside: besideArgument(beside) }
}

/** The argument after a value, with what travels beside it. Nodes that don't know of it read only those before it. */
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

/** The argument that holds null. */
export const NULL: TextArgument = { type: 'j', text: 'null' }

/** The most bytes that UTF-8 needs for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3

/**
 * Throws for a message that the peer would reject: sending it would cost the connection, and all calls on it.
 *
 * @throws RangeError
 */
export function refuseOversize ({ text, beside }: ValueArgument, maxMessageSize: number): void {
  const length = beside === undefined ? text.length : text.length + beside.text.length
  // Bytes are counted only where there could be too many.
  if (length * MAX_BYTES_PER_UNIT < maxMessageSize) return
  const bytes = Buffer.byteLength(text) + (beside === undefined ? 0 : Buffer.byteLength(beside.text))
  if (bytes >= maxMessageSize) throw new RangeError(`it has ${bytes} bytes, and a message has less than ${maxMessageSize}`)
}
