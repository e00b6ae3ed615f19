import { constants } from 'node:crypto'
import type { PeerCertificate, SecureVersion, TLSSocket } from 'node:tls'
import type { Refuse } from '../../refusals'
import { dialTls } from './dial-tls'
import type { KeyRing } from './key-ring'
import { SealedHellos } from './sealed-hellos'
import type { Dial, Entrance, HelloSeal, OnConnection, Security } from './security'
import { TlsEntrance } from './tls-entrance'

/**
 * The one version and suite in which Node proves a shared key and makes a fresh one for each connection.
 * No session is taken up again: whoever comes back has to prove the secret that counts now.
 */
const TLS = {
  minVersion: 'TLSv1.3' as SecureVersion,
  maxVersion: 'TLSv1.3' as SecureVersion,
  ciphers: 'TLS_AES_128_GCM_SHA256',
  secureOptions: constants.SSL_OP_NO_TICKET,
  // No certificate of anybody stands in for the secret.
  ca: []
}

const IDENTITY = 'feathers-mesh:'
/** Milliseconds from one look for connections whose secret is accepted no more to the next. */
const CHECK = 1_000

export interface SecretSecurityOptions {
  readonly environment: string
  readonly address: string
  readonly handshakeTimeout: number
  readonly refuse: Refuse
}

/** A mesh with a secret: both sides of each connection prove it, and packets are sealed with it. */
export class SecretSecurity implements Security {
  readonly hellos: HelloSeal

  constructor (private readonly keyRing: KeyRing, private readonly options: SecretSecurityOptions) {
    this.hellos = new SealedHellos(keyRing, options)
  }

  readonly dial: Dial = (to, onReady) => {
    const { handshakeTimeout, refuse } = this.options
    const { id, connections } = this.keyRing.first
    const tls = {
      ...TLS, checkServerIdentity: refuseCertificate, pskCallback: () => ({ identity: IDENTITY + id, psk: connections })
    }
    return dialTls(to, { tls, handshakeTimeout, refuse }, onReady)
  }

  credential (): string {
    return this.keyRing.first.id
  }

  entrance (onConnection: OnConnection): Entrance {
    const { keyRing, options: { handshakeTimeout, refuse } } = this
    const identities = new WeakMap<TLSSocket, string>()
    const find = (socket: TLSSocket) => keyRing.find(identities.get(socket)?.slice(IDENTITY.length) ?? '')
    const open = new Set<TLSSocket>()
    const entrance = new TlsEntrance({
      tls: {
        ...TLS,
        pskCallback: (socket: TLSSocket, identity: string) => {
          identities.set(socket, identity)
          return find(socket)?.connections ?? null
        }
      },
      handshakeTimeout,
      refuse,
      explain: socket => identities.has(socket) && find(socket) === undefined ? 'wrongSecret' : undefined,
      onSecure: socket => {
        // Nothing but the secret was asked for, and nothing else may have let it in.
        if (find(socket) === undefined) {
          socket.destroy()
          return
        }
        open.add(socket)
        socket.once('close', () => open.delete(socket))
        onConnection(socket, undefined)
      }
    })
    if (!keyRing.mayChange) return entrance
    const check = setInterval(() => {
      for (const socket of open) {
        if (find(socket) !== undefined) continue
        refuse('wrongSecret', socket.remoteAddress ?? '', 'it was opened with a secret that is accepted no more')
        socket.destroy()
      }
    }, CHECK)
    return {
      admit: socket => entrance.admit(socket),
      close () {
        clearInterval(check)
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
