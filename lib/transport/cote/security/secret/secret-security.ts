import type { Socket } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { HelloSeal } from '../../discovery/hello-seal'
import type { Acceptor, Dial, OnConnection, Security, SecurityContext } from '../security'
import { dialTls, TLS_1_3 } from '../tls/dial-tls'
import { OpenConnections } from '../tls/open-connections'
import { TlsAcceptor } from '../tls/tls-acceptor'
import type { KeyRing, MeshKeys } from '../../../secrets/key-ring'
import { SealedHellos } from './sealed-hellos'

const TLS = {
  ...TLS_1_3,
  // Node proves pre-shared keys with SHA-256 only.
  ciphers: 'TLS_AES_128_GCM_SHA256',
  // No authority: a certificate must not replace the secret.
  ca: []
}

const IDENTITY = 'feathers-mesh:'

/** A secret proves nothing about the key of a node. */
type SecretContext = Omit<SecurityContext, 'key'>

/** A mesh with a secret: both sides of each connection prove that they have it, and packets are sealed with it. */
export class SecretSecurity implements Security {
  readonly hellos: HelloSeal

  constructor (private readonly keyRing: KeyRing, private readonly context: SecretContext) {
    if (context.log !== undefined) keyRing.tellTo(context.log)
    this.hellos = new SealedHellos(keyRing, context)
  }

  readonly dial: Dial = (to, onReady) => {
    const { handshakeTimeout, onRejected } = this.context
    const { id, connections } = this.keyRing.first
    const tls = {
      ...TLS, checkServerIdentity: rejectCertificate, pskCallback: () => ({ identity: IDENTITY + id, psk: connections })
    }
    return dialTls(to, { tls, handshakeTimeout, onRejected }, onReady)
  }

  credential (): string {
    return this.keyRing.first.id
  }

  acceptor (onConnection: OnConnection): Acceptor {
    return new SecretAcceptor(this.keyRing, this.context, onConnection)
  }
}

/** Accepts connections that prove a secret, and closes those whose secret is not accepted any more. */
class SecretAcceptor implements Acceptor {
  private readonly acceptor: TlsAcceptor
  /** The identity that each connection has named: it identifies its secret. */
  private readonly identities = new WeakMap<TLSSocket, string>()
  private readonly open: OpenConnections | undefined

  constructor (
    private readonly keyRing: KeyRing, private readonly context: SecretContext,
    private readonly onConnection: OnConnection
  ) {
    const { handshakeTimeout, onRejected } = context
    this.open = keyRing.mayChange ? new OpenConnections() : undefined
    this.acceptor = new TlsAcceptor({
      tls: { ...TLS, pskCallback: (socket: TLSSocket, identity: string) => this.onIdentity(socket, identity) },
      handshakeTimeout,
      onRejected,
      explain: socket => this.identities.has(socket) && this.keysOf(socket) === undefined ? 'wrongSecret' : undefined,
      onSecure: socket => this.onSecure(socket)
    })
  }

  accept (socket: Socket): void {
    this.acceptor.accept(socket)
  }

  close (): void {
    this.open?.close()
    this.acceptor.close()
  }

  private onIdentity (socket: TLSSocket, identity: string): Buffer | null {
    this.identities.set(socket, identity)
    return this.keysOf(socket)?.connections ?? null
  }

  private onSecure (socket: TLSSocket): void {
    // Only the secret was requested, so nothing else may have completed the handshake.
    if (this.keysOf(socket) === undefined) {
      socket.destroy()
      return
    }
    this.open?.add(socket, () => this.mayStay(socket))
    this.onConnection(socket, undefined)
  }

  private mayStay (socket: TLSSocket): boolean {
    if (this.keysOf(socket) !== undefined) return true
    const detail = 'it was opened with a secret that is accepted no more'
    this.context.onRejected('wrongSecret', socket.remoteAddress ?? '', detail)
    return false
  }

  private keysOf (socket: TLSSocket): MeshKeys | undefined {
    return this.keyRing.find(this.identities.get(socket)?.slice(IDENTITY.length) ?? '')
  }
}

/** A node that shows a certificate has not proven the secret, whoever issued the certificate. */
function rejectCertificate (_host: string, certificate: PeerCertificate): Error | undefined {
  // Without a certificate this is an empty object, which its type does not allow for.
  const { raw } = certificate as Partial<PeerCertificate>
  return raw === undefined ? undefined : new Error('it shows a certificate instead of proving the secret')
}
