import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { hashed, type ListText } from './contract-list'

/** Bytes of the longest list that a hello carries, before it is deflated: anybody may send one. */
const MAX_TOLD_LIST = 16_384

/** Characters of the same as a hello carries it. */
export const MAX_TOLD_LENGTH = 2_000

/** Writes the text of a list for a hello; undefined where it is too long for one. */
export function tellList (text: string): string | undefined {
  if (Buffer.byteLength(text) > MAX_TOLD_LIST) return undefined
  const told = deflateRawSync(text).toString('base64url')
  return told.length > MAX_TOLD_LENGTH ? undefined : told
}

/** Reads the list that a hello carries, which anybody may have written; undefined where it has not this hash. */
export function readToldList (told: string, hash: string): ListText | undefined {
  try {
    const text = inflateRawSync(Buffer.from(told, 'base64url'), { maxOutputLength: MAX_TOLD_LIST })
    const list = hashed(text.toString())
    return list.hash === hash ? list : undefined
  } catch {
    return undefined
  }
}
