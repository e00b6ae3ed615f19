import { createServer, type AddressInfo, type Socket } from 'node:net'
import { plainAddress } from '../addresses'
import { debug } from '../debug'
import type { Security } from '../security/security'
import { NeededCheck } from '../needed-check'
import { isEncrypted } from '../wire/frame-writer'
import { Admission, type AdmissionLimits, type Visitor } from './admission'
import { bindPort, type BindOptions } from './bind-port'
import { connectionLimit } from './descriptors'

/** How often silent connections are looked for, at most. */
const SILENCE_CHECK_MS = 1_000

/** What a {@link Listener} needs of its node. */
export interface ListenerOptions extends AdmissionLimits {
  readonly security: Security
  /** Milliseconds in which the other side of a connection has to say something. */
  readonly silentConnectionTimeout: number
  /** Whether the other side of a connection may have reasons to say nothing for long. */
  readonly mayBeSilent?: () => boolean
}

/** Receives a connection; `keys` are those that its certificate names, if it has one. */
export type OnVisitor = (socket: Socket, keys: readonly string[] | undefined, visitor: Visitor) => void

/** A port of this node: accepts a limited number of connections, and passes on those that are proven. */
export class Listener {
  private readonly server = createServer(socket => this.onSocket(socket))
  private readonly acceptor
  private readonly admission: Admission
  /** The connections that are asked for their proof, by address and port. */
  private readonly visitors = new Map<string, Visitor>()
  /** Made while connections are silent. */
  private readonly silenceCheck: NeededCheck

  constructor (private readonly options: ListenerOptions, private readonly onVisitor: OnVisitor) {
    this.acceptor = options.security.acceptor((socket, keys) => this.onProven(socket, keys))
    this.admission = new Admission({ ...options, maxConnections: connectionLimit(options.maxConnections) })
    const interval = Math.min(options.silentConnectionTimeout, SILENCE_CHECK_MS)
    this.silenceCheck = new NeededCheck(() => this.checkSilence(), interval)
    // A connection that fails while it is accepted must not end the node.
    this.server.on('error', error => debug('accepting: %s', error.message))
  }

  /** Opens the port, and tells which one it is. */
  async bind (options: BindOptions): Promise<number> {
    return await bindPort(this.server, options)
  }

  /** Where the port is, once it is open. */
  get address (): string {
    return (this.server.address() as AddressInfo).address
  }

  /** Accepts no more connections, and gives up those that have not proven themselves yet. */
  close (): void {
    this.silenceCheck.end()
    this.server.close()
    this.acceptor.close()
  }

  /** Returns whether any connection is still silent. */
  private checkSilence (): boolean {
    const { silentConnectionTimeout, mayBeSilent } = this.options
    if (mayBeSilent?.() !== true) this.admission.dismissSilent(silentConnectionTimeout)
    return this.admission.hasSilent
  }

  private onSocket (socket: Socket): void {
    // A socket without an address is closed already.
    const address = socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress)
    socket.on('error', error => debug('connection of %s: %s', address, error.message))
    if (address === undefined) {
      socket.destroy()
      return
    }
    const visitor = this.admission.admit(socket, address)
    if (visitor === undefined) return
    this.silenceCheck.begin()
    const name = nameOf(socket)
    this.visitors.set(name, visitor)
    socket.once('close', () => {
      if (this.visitors.get(name) === visitor) this.visitors.delete(name)
      this.admission.release(visitor)
    })
    this.acceptor.accept(socket)
  }

  /** What had to be proven is proven: over TLS by its handshake, while there is nothing to prove on an open mesh. */
  private onProven (socket: Socket, keys: readonly string[] | undefined): void {
    const visitor = this.visitors.get(nameOf(socket))
    if (visitor === undefined) {
      socket.destroy()
      return
    }
    this.visitors.delete(nameOf(socket))
    if (isEncrypted(socket)) visitor.isProven()
    if (!visitor.socket.destroyed) this.onVisitor(socket, keys, visitor)
  }
}

function nameOf ({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`
}
