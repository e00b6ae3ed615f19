import { verify, type KeyObject } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Packet } from '../../discovery/hello'
import type { CertificateRing } from '../certificates/certificate-ring'
import { ofOurKind, openEnvelope, type ClosedHellosOptions } from './closed-hellos'
import { writeEnvelope } from './envelope'
import { digestOf } from '../certificates/node-certificate'
import type { HelloSeal } from '../security'
import { Stamps } from './stamp'

/** What stands in an envelope for the name of a secret. */
const SIGNED = 'certificate'

/** What is signed for this is signed for nothing else. */
const PURPOSE = 'feathers-mesh hello'

/** Bytes of a length. */
const LENGTH = 2

/** Bytes of the longest packet: UDP takes no more. */
const MAX_HELLO_LENGTH = 65_536

/** Packets that come with a certificate and are signed by its key: none can be forged, altered, or said again. */
export class SignedHellos implements HelloSeal {
  private readonly stamps: Stamps

  constructor (private readonly ring: CertificateRing, private readonly options: ClosedHellosOptions) {
    this.stamps = new Stamps(options)
  }

  seal (packet: Buffer): Buffer {
    const { environment } = this.options
    const { current } = this.ring
    // Short enough for one frame of Ethernet, if the certificate is: not all networks carry the parts of a packet.
    const said = deflateRawSync(this.stamps.write(packet))
    const signature = current.sign(signed(environment, current.raw, said))
    const content = Buffer.concat([withLength(current.raw), withLength(signature), said])
    return writeEnvelope({ environment, sealedWith: SIGNED, content })
  }

  open (bytes: Buffer, { address }: { readonly address: string }): Packet | undefined {
    const { environment, onRejected } = this.options
    const envelope = openEnvelope(bytes, address, 'certificate', this.options)
    if (envelope === undefined) return undefined
    if (envelope.sealedWith !== SIGNED) {
      onRejected('foreignHello', address, 'give that node a certificate of this mesh, or the mesh another environment')
      return undefined
    }
    const [raw, rest] = readPart(envelope.content)
    const [signature, said] = readPart(rest)
    const judgement = this.ring.current.authority.judge(raw)
    if (typeof judgement === 'string') {
      onRejected('foreignHello', address, judgement)
      return undefined
    }
    const { keys, publicKey } = judgement
    if (!isSigned(signed(environment, raw, said), publicKey, signature)) {
      onRejected('forgedHello', address)
      return undefined
    }
    const packet = ofOurKind(this.stamps.read(inflate(said), address, keys.join('\0')), address, onRejected)
    return packet === undefined ? undefined : { ...packet, provenKeys: keys }
  }
}

function signed (environment: string, raw: Buffer, said: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${PURPOSE}\0${environment}\0`), raw, said])
}

/** A signature of another kind of key, or none at all, is as wrong as any. */
function isSigned (bytes: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(digestOf(key), bytes, key, signature)
  } catch {
    return false
  }
}

/** What is no such thing is no packet either. */
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

/** The part that a length stands before, and what follows; what is cut short is proven by nothing. */
function readPart (bytes: Buffer): readonly [part: Buffer, rest: Buffer] {
  const end = LENGTH + (bytes.length < LENGTH ? 0 : bytes.readUInt16BE())
  return [bytes.subarray(LENGTH, end), bytes.subarray(end)]
}
