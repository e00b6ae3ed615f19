import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A place whose connections are passed on to a port of this machine, as the ports of containers are mapped. */
export class MappedPort {
  /** How many there were. */
  connections = 0
  private readonly server: Server
  private readonly open = new Set<Socket>()

  private constructor (private readonly address: string, private to: number) {
    this.server = createServer(socket => {
      const further = connect(this.to, '127.0.0.1')
      this.open.add(socket)
      socket.once('close', () => this.open.delete(socket))
      for (const each of [socket, further]) {
        each.on('error', () => {})
        each.once('close', () => [socket, further].forEach(one => one.destroy()))
      }
      this.connections++
      socket.pipe(further).pipe(socket)
    }).listen(0, address)
  }

  static async at (address: string, to: number): Promise<MappedPort> {
    const mapped = new MappedPort(address, to)
    await once(mapped.server, 'listening')
    return mapped
  }

  /** The address and the port, as the option `advertise` takes them. */
  get place (): string {
    return `${this.address}:${(this.server.address() as AddressInfo).port}`
  }

  /** Ends all connections, and passes the next ones on to another port, as if another process had come to the place. */
  moveTo (to: number): void {
    this.to = to
    for (const socket of this.open) socket.destroy()
  }

  close (): void {
    this.server.close()
  }
}
