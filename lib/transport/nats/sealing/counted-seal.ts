import { createSecretKey, type KeyObject } from 'node:crypto'
import { NONCE_BYTES, open, seal, TAG_BYTES } from '../../secrets/authenticated-cipher'
import { MalformedMessage } from '../../transport'

/** Bytes of the number that stands before what it was sealed with. */
const COUNTER_BYTES = 8
/** Bytes by which a sealed message is longer. */
export const SEAL_BYTES = COUNTER_BYTES + TAG_BYTES

/**
 * Seals messages, one after another, by a key that nobody else seals with. Each has a number, which is its nonce.
 */
export class CountedSeal {
  private count = 0
  private readonly key: KeyObject

  constructor (key: Uint8Array) {
    this.key = createSecretKey(key)
  }

  /** How many messages were sealed. */
  get sealed (): number {
    return this.count
  }

  /**
   * Seals a message.
   *
   * @param beside - what travels beside it in the open, and can't be altered either
   */
  seal (bytes: Uint8Array, beside: Uint8Array): Buffer {
    const nonce = nonceOf(++this.count)
    return Buffer.concat([nonce.subarray(-COUNTER_BYTES), ...seal(bytes, { key: this.key, nonce, beside })])
  }
}

/** Opens what a {@link CountedSeal} of the same key sealed: each message once, and in order. Some may be missing. */
export class CountedOpener {
  private readonly key: KeyObject

  /** @param last - messages up to this number were sealed before, and are not opened any more */
  constructor (key: Uint8Array, private last = 0) {
    this.key = createSecretKey(key)
  }

  /**
   * Opens a message: a broker may have altered, doubled or held it back.
   *
   * @param beside - what came beside it
   * @throws {@link MalformedMessage} for any but one that comes after all those before
   */
  open (sealed: Buffer, beside: Uint8Array): Buffer {
    if (sealed.length < SEAL_BYTES) throw new MalformedMessage('a sealed message that is cut off')
    const count = Number(sealed.readBigUInt64BE())
    if (!Number.isSafeInteger(count)) throw new MalformedMessage('a sealed message without a number')
    if (count <= this.last) throw new MalformedMessage('a sealed message that came before, or too late')
    const opened = open(sealed.subarray(COUNTER_BYTES), { key: this.key, nonce: nonceOf(count), beside })
    if (opened === undefined) throw new MalformedMessage('a message that was sealed otherwise, or altered')
    this.last = count
    return opened
  }
}

function nonceOf (count: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeBigUInt64BE(BigInt(count), NONCE_BYTES - COUNTER_BYTES)
  return nonce
}
