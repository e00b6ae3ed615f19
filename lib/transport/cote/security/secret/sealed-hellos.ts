import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Packet } from '../../discovery/hello'
import type { HelloContext, HelloSeal } from '../../discovery/hello-seal'
import { acceptPacket, openEnvelope } from '../hellos/closed-hellos'
import { writeEnvelope } from '../hellos/envelope'
import type { KeyRing, MeshKeys } from './key-ring'
import { Stamps } from '../hellos/stamp'

const CIPHER = 'aes-256-gcm'
/** Lengths in bytes. */
const NONCE = 12
const TAG = 16

/** Packets that only nodes with the secret can write and read. They can't be forged, altered or replayed. */
export class SealedHellos implements HelloSeal {
  readonly isClosed = true
  private readonly stamps: Stamps

  constructor (private readonly keyRing: KeyRing, private readonly context: HelloContext) {
    this.stamps = new Stamps(context)
  }

  seal (packet: Buffer): Buffer {
    const { environment } = this.context
    const keys = this.keyRing.first
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv(CIPHER, keys.hellos, nonce).setAAD(Buffer.from(environment))
    const sealed = [cipher.update(this.stamps.write(packet)), cipher.final(), cipher.getAuthTag()]
    const content = Buffer.concat([nonce, ...sealed])
    return writeEnvelope({ environment, sealedWith: keys.id, content })
  }

  open (bytes: Buffer, { address }: { readonly address: string }): Packet | undefined {
    const { environment, onRejected } = this.context
    const envelope = openEnvelope(bytes, address, 'secret', this.context)
    if (envelope === undefined) return undefined
    const keys = this.keyRing.find(envelope.sealedWith)
    if (keys === undefined) {
      onRejected('foreignHello', address, 'give that node the secret of this mesh, or the mesh another environment')
      return undefined
    }
    const stamped = decrypt(keys, environment, envelope.content)
    if (stamped === undefined) {
      onRejected('forgedHello', address)
      return undefined
    }
    return acceptPacket(this.stamps.read(stamped, address), address, onRejected)
  }

  learnClock (packet: Packet, now: number): void {
    this.stamps.learnClock(packet, now)
  }
}

function decrypt (keys: MeshKeys, environment: string, content: Buffer): Buffer | undefined {
  if (content.length < NONCE + TAG) return undefined
  const decipher = createDecipheriv(CIPHER, keys.hellos, content.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(Buffer.from(environment))
    .setAuthTag(content.subarray(-TAG))
  try {
    return Buffer.concat([decipher.update(content.subarray(NONCE, -TAG)), decipher.final()])
  } catch {
    return undefined
  }
}
