import { ConfigurationError } from '../../../errors'
import { CertificateRing, type CertificatesOption } from './certificates/certificate-ring'
import { CertificateSecurity } from './certificates/certificate-security'
import { OpenSecurity } from './open-security'
import { KeyRing, type Secret } from '../../secrets/key-ring'
import { SecretSecurity } from './secret/secret-security'
import type { PeerProof } from '../../siblings'
import type { Security, SecurityContext } from './security'

/** What the nodes of a mesh prove to each other. */
export interface SecurityOptions {
  /** A secret of at least 16 characters that all nodes share. Of several, the first is used and all are accepted. */
  readonly secret?: Secret
  /** Certificates in place of a secret. They also prove the keys of nodes. */
  readonly tls?: CertificatesOption
}

/** The fault of options that give both a secret and certificates. */
export const BOTH = "options 'secret' and 'tls' are two ways to close a mesh; give all of its nodes the same one"

/** Creates the security of a node, each time that it joins. */
export type MakeSecurity = (context: SecurityContext) => Security

/**
 * The security that options ask for. Secrets and private keys do not show when the node is printed.
 *
 * @throws {@link ConfigurationError} for a secret that is too short, for wrong certificates, or if both are given
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

/** What nodes have proven that join a mesh with these options. */
export function proofOf ({ secret, tls }: SecurityOptions): PeerProof {
  if (tls !== undefined && tls !== null) return 'key'
  return secret === undefined || secret === null ? 'nothing' : 'secret'
}
