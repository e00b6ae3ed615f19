import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Listens on a port of this machine; the sockets of both sides are closed after each test. */
export class Sockets {
  private servers: Server[] = []
  private sockets: Socket[] = []

  constructor () {
    afterEach(async () => {
      for (const socket of this.sockets.splice(0)) socket.destroy()
      await Promise.all(this.servers.splice(0).map(async server => {
        if (!server.listening) return
        server.close()
        await once(server, 'close')
      }))
    })
  }

  /** A server that gives each connection to `onConnection`, and its port. */
  async listen (onConnection: (socket: Socket) => void = () => {}): Promise<{ server: Server, port: number }> {
    const server = createServer({ pauseOnConnect: true }, socket => {
      socket.on('error', () => {})
      this.sockets.push(socket)
      onConnection(socket)
    })
    this.servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { server, port: (server.address() as AddressInfo).port }
  }

  /** Two ends of a connection; neither is read from. */
  async pair (): Promise<[near: Socket, far: Socket]> {
    let accepted: (socket: Socket) => void = () => {}
    const far = new Promise<Socket>(resolve => { accepted = resolve })
    const { port } = await this.listen(socket => accepted(socket))
    const near = connect(port, '127.0.0.1')
    near.on('error', () => {})
    this.sockets.push(near)
    await once(near, 'connect')
    return [near, await far]
  }
}
