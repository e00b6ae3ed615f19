import { constants } from 'node:crypto'
import { connect, type ConnectionOptions, type SecureVersion, type TLSSocket } from 'node:tls'
import type { Destination, SecurityContext } from '../security'

const VERSION: SecureVersion = 'TLSv1.3'

/**
 * The only version of TLS in which both sides prove themselves with a fresh key for each connection, and in encrypted
 * form. Sessions are not resumed: a node that returns must prove itself by what is accepted now.
 */
export const TLS_1_3 = {
  minVersion: VERSION,
  maxVersion: VERSION,
  secureOptions: constants.SSL_OP_NO_TICKET
}

/** How a connection is opened. */
export interface TlsDialOptions extends Pick<SecurityContext, 'handshakeTimeout' | 'onRejected'> {
  readonly tls: ConnectionOptions
}

/** Opens a connection to a node, which must prove itself in time. */
export function dialTls ({ host, port }: Destination, options: TlsDialOptions, onReady: () => void): TLSSocket {
  const { tls, handshakeTimeout, onRejected } = options
  // The server name is empty, as it would travel unencrypted. Proof is required explicitly, as an environment variable
  // (NODE_TLS_REJECT_UNAUTHORIZED) could disable it otherwise.
  const socket = connect({ ...tls, host, port, servername: '', rejectUnauthorized: true })
  let timer: NodeJS.Timeout | undefined
  let isSecure = false
  socket.once('connect', () => {
    timer = setTimeout(() => socket.destroy(new Error(`nothing was proven within ${handshakeTimeout} ms`)), handshakeTimeout)
  })
  socket.once('secureConnect', () => {
    isSecure = true
    clearTimeout(timer)
    onReady()
  })
  socket.once('error', (error: NodeJS.ErrnoException) => {
    // Without a connection no proof was requested, and a reset connection says nothing about the peer.
    if (!isSecure && timer !== undefined && error.code !== 'ECONNRESET') onRejected('unprovenPeer', `${host}:${port}`, error.message)
  })
  socket.once('close', () => clearTimeout(timer))
  return socket
}
