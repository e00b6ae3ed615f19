import type { EncodedValue } from '../values/encode-value'
import { jsonText } from '../values/json-text'
import type { IdArgument, TextArgument } from './frame-writer'

/**
 * An argument that holds JSON. JSON has no undefined: it arrives as null.
 *
 * @throws RangeError for what JSON would repeat far beyond its length
 */
export function json (value: unknown): TextArgument {
  return { type: 'j', text: jsonText(value) ?? 'null' }
}

/** An argument that holds a value in whichever form it was encoded. */
export function valueArgument ({ plain, text }: EncodedValue): TextArgument {
  return { type: plain ? 'j' : 'v', text }
}

/** An argument that holds a string. */
export function string (text: string): TextArgument {
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
export function refuseOversize ({ text }: TextArgument, maxMessageSize: number): void {
  // Counting is only worth it where it could matter.
  if (text.length * MAX_BYTES_PER_UNIT < maxMessageSize) return
  const bytes = Buffer.byteLength(text)
  if (bytes >= maxMessageSize) throw new RangeError(`it has ${bytes} bytes, and a message has less than ${maxMessageSize}`)
}
