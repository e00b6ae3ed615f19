import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { OnRejected } from '../../../rejections'
import type { Destination } from '../security'

export interface TlsDialOptions {
  readonly tls: ConnectionOptions
  readonly handshakeTimeout: number
  readonly onRejected: OnRejected
}

/** Opens a connection to a node that has to prove itself in time. */
export function dialTls ({ host, port }: Destination, options: TlsDialOptions, onReady: () => void): TLSSocket {
  const { tls, handshakeTimeout, onRejected } = options
  // An empty name: what a node is called is nobody's business on the way.
  // And no variable of the environment lets in who proves nothing.
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
    // Before there is a connection nobody was asked to prove anything; one that is just closed says nothing.
    if (!isSecure && timer !== undefined && error.code !== 'ECONNRESET') onRejected('unprovenPeer', `${host}:${port}`, error.message)
  })
  socket.once('close', () => clearTimeout(timer))
  return socket
}
