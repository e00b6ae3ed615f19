import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TlsOptions, type TLSSocket } from 'node:tls'
import type { RejectionReason } from '../../../rejections'
import type { Acceptor, SecurityContext } from '../security'

/** The codes of errors for connections that do not speak TLS. */
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST', 'ERR_SSL_UNSUPPORTED_PROTOCOL']
const TIMEOUT = 'ERR_TLS_HANDSHAKE_TIMEOUT'
const WRONG_SECRET = 'ERR_SSL_BINDER_DOES_NOT_VERIFY'
/** The other side closed the connection before it proved anything, as port checks do. */
const GONE = ['ECONNRESET', 'EPIPE']

/** How connections are accepted. */
export interface TlsAcceptorOptions extends Pick<SecurityContext, 'handshakeTimeout' | 'onRejected'> {
  readonly tls: TlsOptions
  /** The reason of a failed handshake, where the error does not tell it. */
  readonly explain?: (socket: TLSSocket) => RejectionReason | undefined
  /** Called when a handshake has succeeded. */
  readonly onSecure: (socket: TLSSocket) => void
}

/** Accepts connections whose other side proves itself in a TLS handshake. */
export class TlsAcceptor implements Acceptor {
  private readonly server: Server
  /** The connections in a handshake, by address and port. */
  private readonly handshaking = new Map<string, Socket>()

  constructor (private readonly options: TlsAcceptorOptions) {
    const { tls, handshakeTimeout, onSecure } = options
    this.server = createServer({ ...tls, handshakeTimeout })
    this.server.on('secureConnection', socket => {
      this.handshaking.delete(nameOf(socket))
      // An error also closes the connection, which its owner notices; without a listener it would end the process.
      socket.on('error', () => {})
      onSecure(socket)
    })
    this.server.on('tlsClientError', (error, socket) => this.onHandshakeError(error, socket))
  }

  /** Replaces the certificate of this node for further connections. */
  setCertificate (options: SecureContextOptions): void {
    this.server.setSecureContext(options)
    // Node leaves the private key readable on the server, and does not use it any more.
    Object.assign(this.server, { key: undefined })
  }

  accept (socket: Socket): void {
    const name = nameOf(socket)
    this.handshaking.set(name, socket)
    socket.once('close', () => this.handshaking.delete(name))
    this.server.emit('connection', socket)
  }

  close (): void {
    for (const socket of this.handshaking.values()) socket.destroy()
  }

  private onHandshakeError (error: NodeJS.ErrnoException, socket: TLSSocket): void {
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
