import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import { keysNamedBy } from './certificate-keys'
import { Recent } from '../../../../collections/recent-map'

/** A certificate that is accepted. */
export interface Accepted {
  /** The keys that it vouches for, at least one. */
  readonly keys: readonly string[]
  readonly publicKey: KeyObject
}

/** What is known of a certificate, but for the time. */
interface Known extends Accepted {
  readonly validFrom: number
  readonly validTo: number
}

/** So many certificates are remembered, the last ones; only those that were issued for this mesh are. */
const MAX_CERTIFICATES = 1_000

/** What a node does with its certificate: it is called, and calls (id-kp-serverAuth and id-kp-clientAuth). */
const USES = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']

/** Bytes of the longest certificate: strangers send theirs, too, and a long one is long work. */
const MAX_CERTIFICATE_LENGTH = 8_192

const UNREADABLE = 'its certificate can\'t be read'

/**
 * Says which certificates are those of nodes: one that is issued by one of the certificates in `ca` itself, is not
 * expired, and names a key. That one link is all that is ever followed, so nothing has to be known of chains here:
 * who has intermediate authorities puts those that issue for nodes into `ca`. TLS applies its own rules before.
 */
export class Authority {
  private readonly known = new Recent<Known>(MAX_CERTIFICATES)

  constructor (private readonly ca: readonly X509Certificate[]) {}

  /** What a certificate vouches for, or in words why it is refused. */
  judge (raw: Buffer, now = Date.now()): Accepted | string {
    if (raw.length > MAX_CERTIFICATE_LENGTH) return `its certificate is longer than ${MAX_CERTIFICATE_LENGTH} bytes`
    const name = createHash('sha256').update(raw).digest('base64')
    const known = this.known.get(name) ?? this.examine(raw)
    if (typeof known === 'string') return known
    this.known.set(name, known)
    if (now < known.validFrom) return `its certificate is not valid before ${new Date(known.validFrom).toISOString()}`
    if (now > known.validTo) return `its certificate has expired at ${new Date(known.validTo).toISOString()}`
    return known
  }

  private examine (raw: Buffer): Known | string {
    let certificate: X509Certificate
    let issuers: readonly X509Certificate[]
    try {
      certificate = new X509Certificate(raw)
      // What follows a certificate is no part of it, and would make others of one that was issued.
      if (!certificate.raw.equals(raw)) return UNREADABLE
      issuers = this.ca.filter(({ ca }) => ca)
        .filter(issuer => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
    } catch {
      return UNREADABLE
    }
    if (issuers.length === 0) return 'its certificate is issued by none of those in ca'
    const keys = keysNamedBy(certificate)
    if (keys.length === 0) return 'its certificate names no key: it needs a subjectAltName URI:feathers-mesh:key:<key>'
    // The type has no word for a certificate that says nothing of what it is for.
    const uses = certificate.keyUsage as readonly string[] | undefined ?? USES
    if (!USES.every(use => uses.includes(use))) {
      return 'its certificate must be for clients and for servers, as a node is both; its extendedKeyUsage lacks one'
    }
    const times = issuers.map(issuer => ({
      validFrom: Math.max(Date.parse(issuer.validFrom), Date.parse(certificate.validFrom)),
      validTo: Math.min(Date.parse(issuer.validTo), Date.parse(certificate.validTo))
    }))
    // An authority that was renewed may be there twice.
    const [longest] = times.sort((one, other) => other.validTo - one.validTo)
    if (!Object.values(longest).every(Number.isFinite)) return UNREADABLE
    return { keys, publicKey: certificate.publicKey, ...longest }
  }
}
