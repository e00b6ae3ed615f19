import { randomBytes } from 'node:crypto'
import { NONCE_BYTES, open, seal, TAG_BYTES } from '../../../secrets/authenticated-cipher'
import type { Packet } from '../../discovery/hello'
import type { HelloContext, HelloSeal } from '../../discovery/hello-seal'
import { acceptPacket, openEnvelope } from '../hellos/closed-hellos'
import { writeEnvelope } from '../hellos/envelope'
import type { KeyRing, MeshKeys } from '../../../secrets/key-ring'
import { Stamps } from '../hellos/stamp'

/** Packets that only nodes with the secret can write and read. They can't be forged, altered or replayed. */
export class SealedHellos implements HelloSeal {
  readonly isClosed = true
  readonly isEncrypted = true
  private readonly stamps: Stamps

  constructor (private readonly keyRing: KeyRing, private readonly context: HelloContext) {
    this.stamps = new Stamps(context)
  }

  seal (packet: Buffer): Buffer {
    const { environment } = this.context
    const keys = this.keyRing.first
    const nonce = randomBytes(NONCE_BYTES)
    const sealed = seal(this.stamps.write(packet), { key: keys.hellos, nonce, beside: Buffer.from(environment) })
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

function decrypt ({ hellos: key }: MeshKeys, environment: string, content: Buffer): Buffer | undefined {
  if (content.length < NONCE_BYTES + TAG_BYTES) return undefined
  const nonce = content.subarray(0, NONCE_BYTES)
  return open(content.subarray(NONCE_BYTES), { key, nonce, beside: Buffer.from(environment) })
}
