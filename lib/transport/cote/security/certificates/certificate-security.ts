import type { Socket } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { HelloSeal } from '../../discovery/hello-seal'
import type { RejectionReason } from '../../../rejections'
import type { Acceptor, Dial, OnConnection, Security, SecurityContext } from '../security'
import { dialTls } from '../tls/dial-tls'
import { OpenConnections } from '../tls/open-connections'
import { TlsAcceptor } from '../tls/tls-acceptor'
import type { CertificateRing } from './certificate-ring'
import type { NodeCertificate } from './node-certificate'
import { SignedHellos } from './signed-hellos'

/** A mesh with certificates: both sides of each connection show theirs, and packets are signed with its key. */
export class CertificateSecurity implements Security {
  readonly hellos: HelloSeal

  /** @throws {@link ConfigurationError} if the certificate does not name the key of the node */
  constructor (private readonly ring: CertificateRing, private readonly context: SecurityContext) {
    if (context.log !== undefined) ring.tellTo(context.log)
    ring.claim(context.key)
    this.hellos = new SignedHellos(ring, context)
  }

  readonly dial: Dial = (to, onReady) => {
    const { handshakeTimeout, onRejected } = this.context
    const { context, authority } = this.ring.current
    const tls = {
      secureContext: context,
      // Host names prove nothing here, as a machine may run many nodes. Calls are meant for a node of the key that the
      // hello claimed, so the certificate must name that key.
      checkServerIdentity: (_host: string, { raw }: PeerCertificate) => {
        const judgement = authority.judge(raw)
        if (typeof judgement === 'string') return new Error(judgement)
        if (to.key === undefined || judgement.keys.includes(to.key)) return undefined
        return new Error(`its certificate is that of ${judgement.keys.join(', ')}, and not of ${JSON.stringify(to.key)}`)
      }
    }
    return dialTls(to, { tls, handshakeTimeout, onRejected }, onReady)
  }

  credential (): string {
    return this.ring.current.id
  }

  acceptor (onConnection: OnConnection): Acceptor {
    return new CertificateAcceptor(this.ring, this.context, onConnection)
  }
}

/** Accepts connections that show a valid certificate, and closes those whose certificate is not valid any more. */
class CertificateAcceptor implements Acceptor {
  private readonly acceptor: TlsAcceptor
  private readonly open = new OpenConnections()
  /** The certificate that this node shows. */
  private current: NodeCertificate

  constructor (
    private readonly ring: CertificateRing, private readonly context: SecurityContext,
    private readonly onConnection: OnConnection
  ) {
    const { handshakeTimeout, onRejected } = context
    this.acceptor = new TlsAcceptor({
      // Node would end a connection with a wrong certificate without telling whose it is; onSecure does both.
      tls: { requestCert: true, rejectUnauthorized: false },
      handshakeTimeout,
      onRejected,
      onSecure: socket => this.onSecure(socket)
    })
    this.current = ring.current
    this.acceptor.setCertificate(this.current.serverOptions())
  }

  accept (socket: Socket): void {
    const { current } = this.ring
    if (current !== this.current) {
      this.current = current
      this.acceptor.setCertificate(current.serverOptions())
    }
    this.acceptor.accept(socket)
  }

  close (): void {
    this.open.close()
    this.acceptor.close()
  }

  private onSecure (socket: TLSSocket): void {
    const raw = socket.getPeerX509Certificate()?.raw
    const keys = this.provenKeys(socket, raw)
    if (keys === undefined) {
      socket.destroy()
      return
    }
    this.open.add(socket, () => this.provenKeys(socket, raw) !== undefined)
    this.onConnection(socket, keys)
  }

  /** The keys that a connection proves by its certificate now; undefined where it is rejected, which is counted. */
  private provenKeys (socket: TLSSocket, raw: Buffer | undefined): readonly string[] | undefined {
    if (raw === undefined) return this.reject(socket, 'handshakeFailed', 'it shows no certificate')
    const judgement = this.ring.current.authority.judge(raw)
    if (typeof judgement === 'string') return this.reject(socket, 'wrongCertificate', judgement)
    if (socket.authorized) return judgement.keys
    return this.reject(socket, 'wrongCertificate', String(socket.authorizationError))
  }

  private reject ({ remoteAddress }: TLSSocket, reason: RejectionReason, detail: string): undefined {
    this.context.onRejected(reason, remoteAddress ?? 'unknown address', detail)
  }
}
