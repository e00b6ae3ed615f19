import type { EventMessage } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'

/**
 * Encodes an event. Its listeners' arguments go as they are or not at all; of the hook context, which is there for
 * them to look at, what can't be sent is left out: a transaction in its params must not keep an event back.
 *
 * @throws UnsendableValue
 */
export function encodeEvent (message: EventMessage): EncodedValue {
  return encodeValue(message, { leavesOut: path => path.startsWith('context.'), omitsUndefined: true })
}
