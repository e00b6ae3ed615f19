import { verify, type KeyObject } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Packet } from '../../discovery/hello'
import type { HelloContext, HelloSeal } from '../../discovery/hello-seal'
import type { CertificateRing } from './certificate-ring'
import { acceptPacket, openEnvelope } from '../hellos/closed-hellos'
import { writeEnvelope } from '../hellos/envelope'
import { digestOf } from './node-certificate'
import { Stamps } from '../hellos/stamp'

/** Takes the place of a secret's id in an envelope. */
const SIGNED = 'certificate'

/** Part of what is signed, so that the signature is of no use for anything else. */
const PURPOSE = 'feathers-mesh hello'

/** Bytes of a length prefix. */
const LENGTH = 2

/** Bytes of the longest packet that UDP can carry. */
const MAX_HELLO_LENGTH = 65_536

/** Packets that carry a certificate and are signed with its key. They can't be forged, altered or replayed. */
export class SignedHellos implements HelloSeal {
  readonly isClosed = true
  readonly isEncrypted = false
  private readonly stamps: Stamps

  constructor (private readonly ring: CertificateRing, private readonly context: HelloContext) {
    this.stamps = new Stamps(context)
  }

  seal (packet: Buffer): Buffer {
    const { environment } = this.context
    const { current } = this.ring
    // Compressed to fit into one Ethernet frame, if the certificate is short: some networks drop fragmented packets.
    const content = deflateRawSync(this.stamps.write(packet))
    const signature = current.sign(signed(environment, current.raw, content))
    const parts = [withLength(current.raw), withLength(signature), content]
    return writeEnvelope({ environment, sealedWith: SIGNED, content: Buffer.concat(parts) })
  }

  open (bytes: Buffer, { address }: { readonly address: string }): Packet | undefined {
    const { environment, onRejected } = this.context
    const envelope = openEnvelope(bytes, address, 'certificate', this.context)
    if (envelope === undefined) return undefined
    if (envelope.sealedWith !== SIGNED) {
      onRejected('foreignHello', address, 'give that node a certificate of this mesh, or the mesh another environment')
      return undefined
    }
    const [raw, rest] = readPart(envelope.content)
    const [signature, content] = readPart(rest)
    const judgement = this.ring.current.authority.judge(raw)
    if (typeof judgement === 'string') {
      onRejected('foreignHello', address, judgement)
      return undefined
    }
    const { keys, publicKey } = judgement
    if (!isSigned(signed(environment, raw, content), publicKey, signature)) {
      onRejected('forgedHello', address)
      return undefined
    }
    const packet = acceptPacket(this.stamps.read(inflate(content), address, keys), address, onRejected)
    return packet === undefined ? undefined : { ...packet, provenKeys: keys }
  }

  learnClock (packet: Packet, now: number): void {
    this.stamps.learnClock(packet, now)
  }
}

function signed (environment: string, raw: Buffer, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${PURPOSE}\0${environment}\0`), raw, content])
}

/** Verification throws for a malformed signature, or one of another type of key; both are wrong signatures. */
function isSigned (bytes: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(digestOf(key), bytes, key, signature)
  } catch {
    return false
  }
}

/** Returns nothing for bytes that can't be decompressed; an empty packet is rejected as malformed. */
function inflate (bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_HELLO_LENGTH })
  } catch {
    return Buffer.alloc(0)
  }
}

function withLength (bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Splits off a part with its length prefix. One that was cut short is returned as it is, and fails verification. */
function readPart (bytes: Buffer): readonly [part: Buffer, rest: Buffer] {
  const end = LENGTH + (bytes.length < LENGTH ? 0 : bytes.readUInt16BE())
  return [bytes.subarray(LENGTH, end), bytes.subarray(end)]
}
