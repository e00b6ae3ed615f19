import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'

/** A place whose connections are passed on to a port of this machine, as the ports of containers are mapped. */
export class MappedPort {
  /** How many there were. */
  connections = 0
  private readonly server: Server

  private constructor (private readonly address: string, to: number) {
    this.server = createServer(socket => {
      const further = connect(to, '127.0.0.1')
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

  close (): void {
    this.server.close()
  }
}
