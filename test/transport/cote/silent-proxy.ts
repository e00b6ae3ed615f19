import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * Stands between two sides of a connection. Told so, it takes no byte of the connections that there are any further,
 * and neither side learns of it: as a network does that has lost their way, while new connections find another one.
 */
export class SilentProxy {
  /** How many connections were made, until now. */
  made = 0
  private readonly pairs = new Set<readonly Socket[]>()
  private readonly silenced = new Set<readonly Socket[]>()
  private readonly server: Server = createServer({ allowHalfOpen: true }, near => this.join(near))
  private isSilent = false

  /** Listens, and gives its port. */
  async listen (): Promise<number> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as AddressInfo).port
  }

  /** @param port - where it takes connections to */
  constructor (private readonly port: number) {}

  /** How many connections are open, as their two sides see it. */
  get open (): number {
    return this.pairs.size
  }

  /** Takes nothing further on the connections that there are; on new ones as well, where that is said. */
  silence ({ newOnes = false } = {}): void {
    this.isSilent = newOnes
    for (const pair of this.pairs) this.hush(pair)
  }

  /** Takes on all that came since, on all connections. */
  goOn (): void {
    this.isSilent = false
    for (const pair of this.silenced) for (const socket of pair) socket.resume()
    this.silenced.clear()
  }

  async close (): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const pair of this.pairs) for (const socket of pair) socket.destroy()
    await closed
  }

  private join (near: Socket): void {
    this.made++
    const far = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true })
    const pair = [near, far]
    this.pairs.add(pair)
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.on('error', () => {})
      from.pipe(to)
      from.once('close', () => {
        // What has fallen silent says nothing of its end either.
        if (this.silenced.has(pair)) return
        this.pairs.delete(pair)
        to.destroy()
      })
    }
    if (this.isSilent) this.hush(pair)
  }

  private hush (pair: readonly Socket[]): void {
    this.silenced.add(pair)
    for (const socket of pair) socket.pause()
  }
}
