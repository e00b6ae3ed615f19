import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

const CIPHER = 'aes-256-gcm'

/** Bytes of a nonce. */
export const NONCE_BYTES = 12
/** Bytes by which what is sealed is longer. */
export const TAG_BYTES = 16

/** What seals bytes once: no other bytes may be sealed with the same key and the same nonce. */
export interface SealWith {
  readonly key: KeyObject
  readonly nonce: Uint8Array
  /** What is not sealed, and must be the same for who opens it. */
  readonly beside: Uint8Array
}

/** Encrypts bytes, so that nobody without the key can read or alter them. */
export function seal (bytes: Uint8Array, { key, nonce, beside }: SealWith): Buffer[] {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(beside)
  return [cipher.update(bytes), cipher.final(), cipher.getAuthTag()]
}

/** Opens what was sealed; undefined where it was not sealed like that, or was altered. */
export function open (sealed: Buffer, { key, nonce, beside }: SealWith): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(beside)
    .setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const opened = decipher.update(sealed.subarray(0, -TAG_BYTES))
    decipher.final()
    return opened
  } catch {
    return undefined
  }
}
