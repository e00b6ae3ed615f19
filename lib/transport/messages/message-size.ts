import type { EncodedValue } from '../values/encode-value'

/** The most bytes that UTF-8 needs for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3

/**
 * Throws for a message that the other side would not take: sending it would cost the connection, and all calls on it.
 *
 * @param maxBytes - a message has fewer bytes than this
 * @throws RangeError
 */
export function throwIfOversize ({ text, beside }: EncodedValue, maxBytes: number): void {
  const length = beside === undefined ? text.length : text.length + beside.length
  // Counting bytes is only worth it where they could be too many.
  if (length * MAX_BYTES_PER_UNIT < maxBytes) return
  const bytes = Buffer.byteLength(text) + (beside === undefined ? 0 : Buffer.byteLength(beside))
  if (bytes >= maxBytes) throw new RangeError(`it has ${bytes} bytes, and a message has less than ${maxBytes}`)
}
