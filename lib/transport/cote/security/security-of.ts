import { ConfigurationError } from '../../../errors'
import type { OnRejected } from '../../rejections'
import { CertificateRing, type CertificatesOption } from './certificates/certificate-ring'
import { CertificateSecurity } from './certificates/certificate-security'
import { KeyRing, type Secret } from './secret/key-ring'
import { OpenSecurity } from './open-security'
import { SecretSecurity } from './secret/secret-security'
import type { Security } from './security'

/** What the nodes of a mesh prove to each other. */
export interface SecurityOptions {
  /** At least 16 characters that all of them have; of several the first is used and all are accepted. */
  readonly secret?: Secret
  /** Certificates instead of a secret: with them the keys of nodes are proven. */
  readonly tls?: CertificatesOption
}

/** What security needs of the node. */
export interface SecurityContext {
  readonly environment: string
  /** Where the node listens. */
  readonly address: string
  /** The key that the node says it has. */
  readonly key: string
  readonly handshakeTimeout: number
  readonly onRejected: OnRejected
}

/** The fault of options that ask for two kinds of proof. */
export const BOTH = "options 'secret' and 'tls' are two ways to close a mesh; give all of its nodes the same one"

/** Made once for each time that a node joins. */
export type MakeSecurity = (context: SecurityContext) => Security

/**
 * The security that options ask for. What they hold is kept out of the sight of whoever prints the node.
 *
 * @throws {@link ConfigurationError} when a secret is too short, when certificates are wrong, or when both are given
 */
export function securityOf ({ secret, tls }: SecurityOptions): MakeSecurity {
  if (tls !== undefined && tls !== null) {
    if (secret !== undefined && secret !== null) throw new ConfigurationError([BOTH])
    const ring = new CertificateRing(tls)
    return context => new CertificateSecurity(ring, context)
  }
  if (secret === undefined || secret === null) return context => new OpenSecurity(context)
  const keyRing = new KeyRing(secret)
  return context => new SecretSecurity(keyRing, context)
}
