import { createSocket, Socket as UdpSocket } from 'node:dgram'
import { connect, Server, Socket, type AddressInfo } from 'node:net'
import { CoteTransport, type CoteOptions, type Transport } from 'feathers-mesh'
import type { ConformanceHooks } from 'feathers-mesh/testing'
import type { TransportHost } from 'feathers-mesh/transport'
import type { SecurityOptions } from '../../../lib/transport/cote/security/security-of'
import { resourcesOf } from '../resources'
import { HostileInput } from './hostile-input'
import { seeded } from './wire'

const BROADCAST = '127.255.255.255'
const DISCOVERY_PORT = 12345
/** The longest packet that is tried on discovery. */
const MAX_PACKET = 1_400

/** A cote transport that tells which node it serves. */
class KnownTransport extends CoteTransport {
  constructor (
    options: CoteOptions, security: SecurityOptions,
    private readonly onStart: (host: TransportHost, self: Transport) => void
  ) {
    super(options, security)
  }

  override async start (host: TransportHost): Promise<void> {
    this.onStart(host, this)
    await super.start(host)
  }
}

/** A mesh of cote transports in this process, and the faults of its network. */
export class CoteUnderTest {
  private readonly transports = new Map<string, Transport>()

  constructor (
    private readonly options: CoteOptions & { readonly environment: string },
    private readonly security: SecurityOptions = {}
  ) {}

  transport (): Transport {
    return new KnownTransport({ broadcast: BROADCAST, ...this.options }, this.security, (host, self) => {
      this.transports.set(host.id, self)
    })
  }

  hooks (): Partial<ConformanceHooks> {
    const { maxMessageSize } = this.options
    const hostile = new HostileInput(seeded(13), this.options.environment)
    return {
      cut: (one, other) => this.cut(one, other),
      kill: async node => await this.kill(node),
      deafen: node => this.deafen(node),
      inject: async (node, bytes) => await this.inject(node, bytes),
      malformed: [
        ...Array.from({ length: 20 }, () => hostile.nonsense()),
        ...Array.from({ length: 20 }, () => hostile.breaking()),
        ...Array.from({ length: 20 }, () => hostile.packet())
      ],
      ...maxMessageSize === undefined ? {} : { maxMessageSize }
    }
  }

  /** Ends the connections between two nodes; the kernel tells both of it. */
  private cut (one: string, other: string): void {
    const [near, far] = [one, other].map(id => this.socketsOf(id))
    for (const socket of near) {
      const opposite = far.find(({ localPort, remotePort }) =>
        localPort === socket.remotePort && remotePort === socket.localPort)
      if (opposite === undefined) continue
      socket.destroy()
      opposite.destroy()
    }
  }

  /** Takes all that the kernel would take from a killed process, before the node can say a word. */
  private async kill (id: string): Promise<void> {
    const transport = this.transports.get(id)
    for (const resource of resourcesOf(transport)) {
      if (resource instanceof UdpSocket) silence(resource)
      else if (resource instanceof Server) resource.close()
      else resource.destroy()
    }
    // What is left of it is in this process: timers, and a socket that says nothing any more.
    await transport?.stop(0)
  }

  /** What comes for the node stays in the kernel. */
  private deafen (id: string): () => void {
    const sockets = this.socketsOf(id)
    for (const socket of sockets) socket.pause()
    return () => { for (const socket of sockets) socket.resume() }
  }

  private async inject (id: string, bytes: Buffer): Promise<void> {
    if (bytes.length <= MAX_PACKET) await sendPacket(bytes)
    const server = resourcesOf(this.transports.get(id)).find(resource => resource instanceof Server)
    if (server === undefined) throw new Error(`node ${id} does not listen`)
    // Listening on a port, it has an address.
    const { port, address } = server.address() as AddressInfo
    const socket = connect(port, address)
    // The node may end it before all bytes are there.
    socket.on('error', () => {})
    socket.end(bytes)
    socket.resume()
    await new Promise<void>(resolve => socket.once('close', () => resolve()))
  }

  private socketsOf (id: string): Socket[] {
    return resourcesOf(this.transports.get(id)).filter(resource => resource instanceof Socket)
  }
}

async function sendPacket (bytes: Buffer): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve, reject) => socket.bind(0, '127.0.0.1', () => {
    socket.setBroadcast(true)
    socket.send(bytes, DISCOVERY_PORT, BROADCAST, error => error === null ? resolve() : reject(error))
  }))
  socket.close()
}

/** What it sends from now on is lost, as each packet may be. */
function silence (socket: UdpSocket): void {
  socket.send = (...args: unknown[]) => {
    const done = args.at(-1)
    if (typeof done === 'function') done(null)
  }
}
