import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { MalformedMessage } from '../../transport'
import { CountedOpener, CountedSeal } from './counted-seal'

const CURVE = 'X25519'
const KEY_BYTES = 32
/** A public key of the curve, in base64url. */
const OFFER = /^[\w-]{43}$/

/** The seals of one session of two nodes: another key each way. */
export interface PairSeals {
  readonly outbound: CountedSeal
  readonly inbound: CountedOpener
}

/** One side of a session: who it is, and which session with the other one this is. */
export interface Side {
  readonly node: string
  readonly session: string
}

/**
 * How two nodes agree on the keys of one session. Each makes a key pair for it, and tells the other one the public half
 * in an introduction that the secret of the mesh seals. So whoever learns the secret later can't read what was said.
 */
export class Handshake {
  /** What the other side has to know. */
  readonly offer: string
  private readonly privateKey: KeyObject

  constructor () {
    const { privateKey, publicKey } = generateKeyPairSync('x25519')
    this.privateKey = privateKey
    // The type does not tell that a key of this curve has it.
    this.offer = publicKey.export({ format: 'jwk' }).x ?? ''
  }

  /**
   * The seals of the session. Both sides get the same keys if they name the same sides.
   *
   * @param offer - what the other side told
   * @throws {@link MalformedMessage} for what is no public key
   */
  agree (offer: unknown, own: Side, other: Side): PairSeals {
    const shared = this.sharedWith(offer)
    // Both offers are in it: neither side decides on the keys alone.
    const salt = [this.offer, String(offer)].sort().join(' ')
    const keyFor = (from: Side, to: Side): Buffer => Buffer.from(
      hkdfSync('sha256', shared, salt, JSON.stringify([from.node, from.session, to.node, to.session]), KEY_BYTES)
    )
    return { outbound: new CountedSeal(keyFor(own, other)), inbound: new CountedOpener(keyFor(other, own)) }
  }

  private sharedWith (offer: unknown): Buffer {
    if (typeof offer !== 'string' || !OFFER.test(offer)) throw new MalformedMessage('an introduction without a key')
    try {
      const publicKey = createPublicKey({ key: { kty: 'OKP', crv: CURVE, x: offer }, format: 'jwk' })
      return diffieHellman({ privateKey: this.privateKey, publicKey })
    } catch {
      // Some numbers are no keys: they would lead to the same secret whatever the other side has.
      throw new MalformedMessage('an introduction with a key that is none')
    }
  }
}
