import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { RejectionReason, OnRejected } from '../../../rejections'
import { Admitted } from '../tls/open-connections'
import type { CertificateRing } from './certificate-ring'
import { dialTls } from '../tls/dial-tls'
import type { Dial, Entrance, HelloSeal, OnConnection, Security } from '../security'
import { SignedHellos } from '../hellos/signed-hellos'
import { TlsEntrance } from '../tls/tls-entrance'

export interface CertificateSecurityOptions {
  readonly environment: string
  readonly address: string
  /** The key that the node says it has. */
  readonly key: string
  readonly handshakeTimeout: number
  readonly onRejected: OnRejected
}

/** A mesh with certificates: both sides of each connection show theirs, and packets are signed with its key. */
export class CertificateSecurity implements Security {
  readonly hellos: HelloSeal

  /** @throws {@link ConfigurationError} when the certificate does not name the key of the node */
  constructor (private readonly ring: CertificateRing, private readonly options: CertificateSecurityOptions) {
    ring.claim(options.key)
    this.hellos = new SignedHellos(ring, options)
  }

  readonly dial: Dial = (to, onReady) => {
    const { handshakeTimeout, onRejected } = this.options
    const { context, authority } = this.ring.current
    const tls = {
      secureContext: context,
      // A node is not known by the name of a machine, which may have many nodes: it has to be one of the key that
      // its hello spoke of, as those are who calls are meant for.
      checkServerIdentity: (_host: string, { raw }: PeerCertificate) => {
        const judgement = authority.judge(raw)
        if (typeof judgement === 'string') return new Error(judgement)
        if (judgement.keys.includes(to.key)) return undefined
        return new Error(`its certificate is that of ${judgement.keys.join(', ')}, and not of ${JSON.stringify(to.key)}`)
      }
    }
    return dialTls(to, { tls, handshakeTimeout, onRejected }, onReady)
  }

  credential (): string {
    return this.ring.current.id
  }

  entrance (onConnection: OnConnection): Entrance {
    const { ring, options: { handshakeTimeout, onRejected } } = this
    const admitted = new Admitted()
    /** The keys that a connection has proven by now. */
    const keysOf = (socket: TLSSocket, raw: Buffer | undefined): readonly string[] | undefined => {
      const refuseIt = (reason: RejectionReason, detail: string): undefined => {
        onRejected(reason, socket.remoteAddress ?? 'unknown address', detail)
      }
      if (raw === undefined) return refuseIt('handshakeFailed', 'it shows no certificate')
      const judgement = ring.current.authority.judge(raw)
      if (typeof judgement === 'string') return refuseIt('wrongCertificate', judgement)
      return socket.authorized ? judgement.keys : refuseIt('wrongCertificate', String(socket.authorizationError))
    }
    const entrance = new TlsEntrance({
      // Node would end a connection with a certificate that is wrong, but not say whose: this does both.
      tls: { requestCert: true, rejectUnauthorized: false },
      handshakeTimeout,
      onRejected,
      onSecure: socket => {
        const raw = socket.getPeerX509Certificate()?.raw
        const keys = keysOf(socket, raw)
        if (keys === undefined) {
          socket.destroy()
          return
        }
        admitted.add(socket, () => keysOf(socket, raw) !== undefined)
        onConnection(socket, keys)
      }
    })
    let { current } = ring
    entrance.use(current.serverOptions())
    return {
      admit (socket) {
        if (current !== ring.current) {
          current = ring.current
          entrance.use(current.serverOptions())
        }
        entrance.admit(socket)
      },
      close () {
        admitted.close()
        entrance.close()
      }
    }
  }
}
