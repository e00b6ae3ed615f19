import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TlsOptions, type TLSSocket } from 'node:tls'
import type { RejectionReason, OnRejected } from '../../../rejections'
import type { Entrance } from '../security'

/** What speaks no TLS, as OpenSSL sees it. */
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST', 'ERR_SSL_UNSUPPORTED_PROTOCOL']
const TIMEOUT = 'ERR_TLS_HANDSHAKE_TIMEOUT'
const WRONG_SECRET = 'ERR_SSL_BINDER_DOES_NOT_VERIFY'
/** The other side went away before it had proven anything, as one does that only looks whether somebody is there. */
const GONE = ['ECONNRESET', 'EPIPE']

export interface TlsEntranceOptions {
  readonly tls: TlsOptions
  /** Milliseconds in which the other side has to prove itself. */
  readonly handshakeTimeout: number
  readonly onRejected: OnRejected
  /** Why a handshake failed, if this knows better than the error. */
  readonly explain?: (socket: TLSSocket) => RejectionReason | undefined
  /** The handshake is over. */
  readonly onSecure: (socket: TLSSocket) => void
}

/** Lets connections in whose other side has proven itself in a TLS handshake. */
export class TlsEntrance implements Entrance {
  private readonly server: Server
  /** Those on the way in, by address and port. */
  private readonly handshaking = new Map<string, Socket>()

  constructor (private readonly options: TlsEntranceOptions) {
    const { tls, handshakeTimeout, onSecure } = options
    this.server = createServer({ ...tls, handshakeTimeout })
    this.server.on('secureConnection', socket => {
      this.handshaking.delete(nameOf(socket))
      // Whatever fails from now on closes the connection, and there is nobody yet to hear of it.
      socket.on('error', () => {})
      onSecure(socket)
    })
    this.server.on('tlsClientError', (error, socket) => this.onRejected(error, socket))
  }

  /** Proves this node with another certificate from now on. */
  use (options: SecureContextOptions): void {
    this.server.setSecureContext(options)
    // Node leaves the private key for all to see, and has no use for it any more.
    Object.assign(this.server, { key: undefined })
  }

  admit (socket: Socket): void {
    const name = nameOf(socket)
    this.handshaking.set(name, socket)
    socket.once('close', () => this.handshaking.delete(name))
    this.server.emit('connection', socket)
  }

  close (): void {
    for (const socket of this.handshaking.values()) socket.destroy()
  }

  private onRejected (error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const { onRejected, explain } = this.options
    const { code = '' } = error
    const address = socket.remoteAddress ?? 'unknown address'
    socket.destroy()
    if (!GONE.includes(code)) onRejected(explain?.(socket) ?? reasonOf(code), address)
  }
}

function nameOf ({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`
}

function reasonOf (code: string): RejectionReason {
  if (code === TIMEOUT) return 'handshakeTimeout'
  if (code === WRONG_SECRET) return 'wrongSecret'
  return NO_TLS.includes(code) ? 'noTls' : 'handshakeFailed'
}
