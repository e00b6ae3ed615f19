import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import { keysNamedBy } from './certificate-keys'
import { RecentMap } from '../../../../collections/recent-map'

/** A certificate that is accepted. */
export interface Accepted {
  /** The keys that it names, at least one. */
  readonly keys: readonly string[]
  readonly publicKey: KeyObject
}

/** A certificate that is accepted within its period of validity. */
interface Known extends Accepted {
  readonly validFrom: number
  readonly validTo: number
}

/** The most certificates that are remembered. Only those issued for this mesh are. */
const MAX_CERTIFICATES = 1_000

/** The required uses of a certificate, as a node is both server and client (id-kp-serverAuth, id-kp-clientAuth). */
const USES = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']

/** Bytes of the longest certificate. Strangers send theirs as well, and a long one takes long to verify. */
const MAX_CERTIFICATE_LENGTH = 8_192

const UNREADABLE = 'its certificate can\'t be read'

/**
 * Decides which certificates belong to nodes: those that a certificate in `ca` issued itself, that are valid now and
 * that name a key. Longer chains are never followed: intermediate authorities that issue for nodes must be in `ca`.
 * TLS applies its own rules before.
 */
export class Authority {
  private readonly known = new RecentMap<string, Known>(MAX_CERTIFICATES)

  constructor (private readonly ca: readonly X509Certificate[]) {}

  /** What a certificate proves, or the reason in words why it is rejected. */
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
      // Trailing bytes are not part of a certificate. With them, one certificate would count as many.
      if (!certificate.raw.equals(raw)) return UNREADABLE
      issuers = this.ca.filter(({ ca }) => ca)
        .filter(issuer => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
    } catch {
      return UNREADABLE
    }
    if (issuers.length === 0) return 'its certificate is issued by none of those in ca'
    const keys = keysNamedBy(certificate)
    if (keys.length === 0) return 'its certificate names no key: it needs a subjectAltName URI:feathers-mesh:key:<key>'
    // Undefined for a certificate without extended key usage, which the type does not allow for.
    const uses = certificate.keyUsage as readonly string[] | undefined ?? USES
    if (!USES.every(use => uses.includes(use))) {
      return 'its certificate must be for clients and for servers, as a node is both; its extendedKeyUsage lacks one'
    }
    const times = issuers.map(issuer => ({
      validFrom: Math.max(Date.parse(issuer.validFrom), Date.parse(certificate.validFrom)),
      validTo: Math.min(Date.parse(issuer.validTo), Date.parse(certificate.validTo))
    }))
    // A renewed authority may be in `ca` twice.
    const [longest] = times.sort((one, other) => other.validTo - one.validTo)
    if (!Object.values(longest).every(Number.isFinite)) return UNREADABLE
    return { keys, publicKey: certificate.publicKey, ...longest }
  }
}
