import { createHmac, randomBytes } from 'node:crypto'
import type { RejectionReason } from '../../rejections'
import { NONCE_BYTES, open, seal } from '../../secrets/authenticated-cipher'
import type { KeyRing } from '../../secrets/key-ring'

/** Bytes that name the secret, and hexadecimal digits of the name of a path or an event. */
const ID_BYTES = 8
const NAME_DIGITS = 32

/** What an introduction says, or why it is not taken. */
export type Opened =
  { readonly text: string, readonly rejected?: undefined } |
  { readonly text?: undefined, readonly rejected: RejectionReason, readonly detail?: string }

/**
 * What nodes say before they have agreed on keys: only nodes with the secret write and read it. A broker can hold it
 * back and repeat it, so it is a hint, and nothing else.
 */
export class Introductions {
  constructor (private readonly keyRing: KeyRing) {}

  /** @param beside - what travels beside it in the open, and can't be altered either */
  seal (text: string, beside: string): Buffer {
    const { id, introductions: key } = this.keyRing.first
    const nonce = randomBytes(NONCE_BYTES)
    const sealed = seal(Buffer.from(text), { key, nonce, beside: Buffer.from(beside) })
    return Buffer.concat([Buffer.from(id, 'hex'), nonce, ...sealed])
  }

  /** Reads one: anybody who reaches the broker may have sent anything. */
  open (bytes: Buffer, beside: string): Opened {
    const keys = this.keyRing.find(bytes.subarray(0, ID_BYTES).toString('hex'))
    if (keys === undefined) return { rejected: 'foreignHello', detail: 'it has another secret, or none' }
    const nonce = bytes.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES)
    if (nonce.length < NONCE_BYTES) return { rejected: 'forgedHello' }
    const sealed = bytes.subarray(ID_BYTES + NONCE_BYTES)
    const opened = open(sealed, { key: keys.introductions, nonce, beside: Buffer.from(beside) })
    return opened === undefined ? { rejected: 'forgedHello' } : { text: opened.toString() }
  }

  /** How this node names a path or an event in the subjects that it publishes to. */
  nameToken (name: string): string {
    return tokenOf(this.keyRing.first.names, name)
  }

  /** How nodes of the mesh may name it, while the secret is being replaced: this node listens to all of them. */
  nameTokens (name: string): readonly string[] {
    return this.keyRing.accepted.map(({ names }) => tokenOf(names, name))
  }
}

function tokenOf (key: Parameters<typeof createHmac>[1], name: string): string {
  return createHmac('sha256', key).update(name).digest('hex').slice(0, NAME_DIGITS)
}
