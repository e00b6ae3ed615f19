import { createHmac, randomBytes } from 'node:crypto'
import { RecentMap } from '../../../collections/recent-map'
import type { RejectionReason } from '../../rejections'
import { NONCE_BYTES, open, seal } from '../../secrets/authenticated-cipher'
import type { KeyRing, MeshKeys } from '../../secrets/key-ring'

/** Bytes that name the secret, and hexadecimal digits of the name of a path or an event. */
const ID_BYTES = 8
const NAME_DIGITS = 32
/** How many names of this node's paths and events are remembered: making one costs more than a short event. */
const MAX_NAMES = 1_000

/** What an introduction says, or why it is not taken. */
export type Opened =
  { readonly text: string, readonly secretId: string, readonly rejected?: undefined } |
  { readonly text?: undefined, readonly rejected: RejectionReason, readonly detail?: string }

/**
 * What nodes say before they have agreed on keys: only nodes with the secret write and read it. A broker can hold it
 * back and repeat it, so it is a hint, and nothing else.
 */
export class Introductions {
  private readonly names = new RecentMap<string, string>(MAX_NAMES)

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
    return opened === undefined ? { rejected: 'forgedHello' } : { text: opened.toString(), secretId: keys.id }
  }

  /** How this node names a path or an event in the subjects that it publishes to. */
  nameToken (name: string): string {
    return this.tokenOf(this.keyRing.first, name)
  }

  /** How nodes of the mesh may name it, while the secret is being replaced: this node listens to all of them. */
  nameTokens (name: string): readonly string[] {
    return this.keyRing.accepted.map(keys => this.tokenOf(keys, name))
  }

  private tokenOf ({ id, names }: MeshKeys, name: string): string {
    const known = this.names.get(`${id} ${name}`)
    if (known !== undefined) return known
    const token = createHmac('sha256', names).update(name).digest('hex').slice(0, NAME_DIGITS)
    this.names.set(`${id} ${name}`, token)
    return token
  }
}
