import { constants } from 'node:crypto'
import type { SecureVersion } from 'node:tls'

/**
 * The one version in which both sides prove themselves with a fresh key for each connection, and under encryption.
 * No session is taken up again: whoever comes back has to prove what counts now.
 */
export const TLS_1_3 = {
  minVersion: 'TLSv1.3' as SecureVersion,
  maxVersion: 'TLSv1.3' as SecureVersion,
  secureOptions: constants.SSL_OP_NO_TICKET
}
