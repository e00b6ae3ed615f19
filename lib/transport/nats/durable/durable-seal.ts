import { createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import { NONCE_BYTES, open, seal } from '../../secrets/authenticated-cipher'
import type { KeyRing, MeshKeys } from '../../secrets/key-ring'
import { MalformedMessage } from '../../transport'

/** The first byte of what is sealed; a text begins with another one. */
const SEALED = 0x53
const ID_BYTES = 8
const SALT_BYTES = 16
const HEAD_BYTES = 1 + ID_BYTES + SALT_BYTES
/** Each key seals one message. */
const NONCE = Buffer.alloc(NONCE_BYTES)

/** What a sealed text is, so that none takes the place of another kind. */
export type TextKind = 'event' | 'letter' | 'group'

/**
 * Seals what a server keeps, each text with a key of its own: made of the secret and of a random salt. The id of the
 * secret travels along, so that a secret that was replaced opens what it sealed, as long as it is in the list.
 */
export class DurableSeal {
  /** @param keyRing - the secrets of the mesh; without them texts are kept as they are */
  constructor (private readonly keyRing: KeyRing | undefined) {}

  /** Whether texts are kept as they are. */
  get isOpen (): boolean {
    return this.keyRing === undefined
  }

  seal (text: string, kind: TextKind): Buffer {
    if (this.keyRing === undefined) return Buffer.from(text)
    const keys = this.keyRing.first
    const salt = randomBytes(SALT_BYTES)
    const head = Buffer.concat([Buffer.of(SEALED), Buffer.from(keys.id, 'hex'), salt])
    return Buffer.concat([head, ...seal(Buffer.from(text), sealWith(keys, salt, kind))])
  }

  /**
   * Opens what anybody may have written.
   *
   * @throws {@link MalformedMessage}
   */
  open (given: Uint8Array, kind: TextKind): string {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
    const isSealed = bytes[0] === SEALED
    if (this.keyRing === undefined) {
      if (isSealed) throw new MalformedMessage('it is sealed with a secret, and this node has none')
      return bytes.toString()
    }
    if (!isSealed || bytes.length < HEAD_BYTES) throw new MalformedMessage('it is not sealed with a secret')
    const keys = this.keyRing.find(bytes.toString('hex', 1, 1 + ID_BYTES))
    if (keys === undefined) throw new MalformedMessage('it is sealed with a secret that is not in the list')
    const opened = open(bytes.subarray(HEAD_BYTES), sealWith(keys, bytes.subarray(1 + ID_BYTES, HEAD_BYTES), kind))
    if (opened === undefined) throw new MalformedMessage('it was altered')
    return opened.toString()
  }
}

function sealWith (
  { durable }: MeshKeys, salt: Uint8Array, kind: TextKind
): { key: KeyObject, nonce: Buffer, beside: Buffer } {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', durable, salt, kind, 32)))
  return { key, nonce: NONCE, beside: Buffer.from(kind) }
}
