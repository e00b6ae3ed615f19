import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { OnRejected } from '../../rejections'
import { plainAddress } from '../addresses'
import { debug } from '../debug'
import { bindPort, type BindOptions } from './bind-port'
import type { OnConnection, Security } from '../security/security'

/** What a {@link Listener} needs of its node. */
export interface ListenerOptions {
  readonly security: Security
  readonly onRejected: OnRejected
  readonly maxConnectionsPerAddress: number
}

/** A port of this node: accepts a limited number of connections per address, and hands on those that prove themselves. */
export class Listener {
  private readonly server = createServer(socket => this.onSocket(socket))
  private readonly entrance
  private readonly perAddress = new Map<string, number>()

  constructor (private readonly options: ListenerOptions, onConnection: OnConnection) {
    this.entrance = options.security.entrance(onConnection)
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
    this.server.close()
    this.entrance.close()
  }

  private onSocket (socket: Socket): void {
    const { onRejected, maxConnectionsPerAddress } = this.options
    // A socket without an address is closed already.
    const address = socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress)
    socket.on('error', error => debug('connection of %s: %s', address, error.message))
    if (address === undefined) {
      socket.destroy()
      return
    }
    const open = this.perAddress.get(address) ?? 0
    if (open >= maxConnectionsPerAddress) {
      onRejected('tooManyConnections', address)
      socket.destroy()
      return
    }
    this.perAddress.set(address, open + 1)
    socket.once('close', () => this.release(address))
    this.entrance.admit(socket)
  }

  private release (address: string): void {
    const open = (this.perAddress.get(address) ?? 0) - 1
    if (open > 0) this.perAddress.set(address, open)
    else this.perAddress.delete(address)
  }
}
