import { isRecord } from '../../record'
import type { EncodedValue } from '../values/encode-value'
import type { EncodedReply } from './reply'

/** Reads an encoded value that a peer sent as plain data; undefined for anything else. */
export function readEncoded (value: unknown): EncodedValue | undefined {
  if (!isRecord(value)) return undefined
  const { plain, text, beside } = value
  if (typeof plain !== 'boolean' || typeof text !== 'string') return undefined
  if (beside === undefined) return { plain, text }
  return typeof beside === 'string' ? { plain, text, beside } : undefined
}

/** Reads an encoded reply that a peer sent as plain data; undefined for anything else. */
export function readEncodedReply (body: unknown): EncodedReply | undefined {
  if (!isRecord(body)) return undefined
  const { error, value } = body
  const reply = { error: readEncoded(error), value: readEncoded(value) }
  const isUnreadable = (error !== undefined && reply.error === undefined) ||
    (value !== undefined && reply.value === undefined)
  return isUnreadable ? undefined : reply
}
