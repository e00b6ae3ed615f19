import { encodeValue } from '../values/encode-value'
import { RequestRefused } from '../transport'
import { toWireError, withoutDetails } from './wire-error'

/**
 * Encodes what a service threw for a peer that reads values, so that it arrives as it was thrown; undefined where the
 * plain form of an error has to do.
 *
 * @param maxLength - characters
 */
export function encodeThrown (thrown: unknown, maxLength: number): string | undefined {
  if (thrown instanceof RequestRefused || thrown === null || thrown === undefined) return undefined
  try {
    const stacks = process.env.NODE_ENV !== 'production'
    const { text } = encodeValue(thrown, { leavesOut: () => true, stacks, asTable: true })
    return text.length < maxLength ? text : undefined
  } catch {
    // A getter or a toJSON that throws, or more objects than a message can hold: each call gets its error.
    return undefined
  }
}

/** An error for the wire, without what is too much for it. */
export function toShortWireError (thrown: unknown, maxLength: number): string {
  const wire = toWireError(thrown)
  const text = JSON.stringify(wire)
  if (text.length < maxLength) return text
  const short = withoutDetails(wire)
  return JSON.stringify({ ...short, message: short.message.slice(0, maxLength / 8) })
}
