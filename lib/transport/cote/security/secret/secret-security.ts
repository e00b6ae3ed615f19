import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { OnRejected } from '../../../rejections'
import { Admitted } from '../tls/open-connections'
import { dialTls } from '../tls/dial-tls'
import type { KeyRing } from './key-ring'
import { SealedHellos } from '../hellos/sealed-hellos'
import type { Dial, Entrance, HelloSeal, OnConnection, Security } from '../security'
import { TLS_1_3 } from '../tls/tls13'
import { TlsEntrance } from '../tls/tls-entrance'

const TLS = {
  ...TLS_1_3,
  // Node proves shared keys with SHA-256 only.
  ciphers: 'TLS_AES_128_GCM_SHA256',
  // No certificate of anybody stands in for the secret.
  ca: []
}

const IDENTITY = 'feathers-mesh:'

export interface SecretSecurityOptions {
  readonly environment: string
  readonly address: string
  readonly handshakeTimeout: number
  readonly onRejected: OnRejected
}

/** A mesh with a secret: both sides of each connection prove it, and packets are sealed with it. */
export class SecretSecurity implements Security {
  readonly hellos: HelloSeal

  constructor (private readonly keyRing: KeyRing, private readonly options: SecretSecurityOptions) {
    this.hellos = new SealedHellos(keyRing, options)
  }

  readonly dial: Dial = (to, onReady) => {
    const { handshakeTimeout, onRejected } = this.options
    const { id, connections } = this.keyRing.first
    const tls = {
      ...TLS, checkServerIdentity: refuseCertificate, pskCallback: () => ({ identity: IDENTITY + id, psk: connections })
    }
    return dialTls(to, { tls, handshakeTimeout, onRejected }, onReady)
  }

  credential (): string {
    return this.keyRing.first.id
  }

  entrance (onConnection: OnConnection): Entrance {
    const { keyRing, options: { handshakeTimeout, onRejected } } = this
    const identities = new WeakMap<TLSSocket, string>()
    const find = (socket: TLSSocket) => keyRing.find(identities.get(socket)?.slice(IDENTITY.length) ?? '')
    const admitted = keyRing.mayChange ? new Admitted() : undefined
    const entrance = new TlsEntrance({
      tls: {
        ...TLS,
        pskCallback: (socket: TLSSocket, identity: string) => {
          identities.set(socket, identity)
          return find(socket)?.connections ?? null
        }
      },
      handshakeTimeout,
      onRejected,
      explain: socket => identities.has(socket) && find(socket) === undefined ? 'wrongSecret' : undefined,
      onSecure: socket => {
        // Nothing but the secret was asked for, and nothing else may have let it in.
        if (find(socket) === undefined) {
          socket.destroy()
          return
        }
        admitted?.add(socket, () => {
          if (find(socket) !== undefined) return true
          onRejected('wrongSecret', socket.remoteAddress ?? '', 'it was opened with a secret that is accepted no more')
          return false
        })
        onConnection(socket, undefined)
      }
    })
    return {
      admit: socket => entrance.admit(socket),
      close () {
        admitted?.close()
        entrance.close()
      }
    }
  }
}

/** What shows a certificate has not proven the secret, whoever signed it. */
function refuseCertificate (_host: string, certificate: PeerCertificate): Error | undefined {
  // Empty where there is none; the type has no word for that.
  const { raw } = certificate as Partial<PeerCertificate>
  return raw === undefined ? undefined : new Error('it shows a certificate instead of proving the secret')
}
