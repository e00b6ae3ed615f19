import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { runInThisContext } from 'node:vm'
import type { DistributedModuleOptions } from 'feathers-mesh'
import type { Security } from '../../lib/transport/cote/security/security'
import { until } from '../until'
import { freePort } from '../free-port'
import { type CoteMesh } from './mesh-of'

const TLS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const

/** Does something in a process whose NODE_TLS_REJECT_UNAUTHORIZED is this. */
export async function withRejectUnauthorized (value: string, action: () => Promise<void>): Promise<void> {
  // The one that Node looks at: a test has a copy.
  const { env } = runInThisContext('process') as NodeJS.Process
  env.NODE_TLS_REJECT_UNAUTHORIZED = value
  try {
    await action()
  } finally {
    delete env.NODE_TLS_REJECT_UNAUTHORIZED
  }
}

/** An outsider who knows the ports of a mesh, and can receive and send anything. */
export class Stranger {
  /** The packets received on the discovery port. */
  readonly packets: Buffer[] = []
  /** What a node has said to it under encryption. */
  readonly answers: string[] = []
  private readonly discovery: UdpSocket = createSocket({ type: 'udp4', reuseAddr: true })
  private readonly cleanUp: Array<() => unknown> = []

  private constructor (private readonly mesh: CoteMesh, readonly port: number) {}

  /** @param port - where a host of the mesh listens */
  static async at (mesh: CoteMesh, port: number): Promise<Stranger> {
    const stranger = new Stranger(mesh, port)
    const { discovery, packets } = stranger
    discovery.on('message', bytes => packets.push(bytes))
    discovery.bind({ port: mesh.cote.port, address: mesh.cote.broadcast })
    await once(discovery, 'listening')
    discovery.setBroadcast(true)
    return stranger
  }

  /** Does this when all is over. */
  finally (action: () => unknown): void {
    this.cleanUp.push(action)
  }

  async end (): Promise<void> {
    for (const action of this.cleanUp) await action()
    this.discovery.close()
  }

  /** Connects, and waits until the host has closed the connection. */
  async tryTcp (say?: Buffer): Promise<void> {
    const socket = connectTcp(this.port, '127.0.0.1')
    if (say !== undefined) socket.write(say)
    await this.closed(socket)
  }

  /** The same in TLS, without a look at who is there. */
  async tryTls (options: ConnectionOptions, say?: Buffer): Promise<void> {
    const believing = { checkServerIdentity: () => undefined, rejectUnauthorized: false }
    const socket = connectTls({ ...TLS, ...believing, ...options, host: '127.0.0.1', port: this.port })
    socket.on('data', answer => this.answers.push(answer.toString()))
    if (say !== undefined) socket.write(say)
    await this.closed(socket)
  }

  async send (packet: Buffer | object): Promise<void> {
    const bytes = Buffer.isBuffer(packet) ? packet : Buffer.from(JSON.stringify(packet))
    const { port, broadcast } = this.mesh.cote
    await new Promise(resolve => { this.discovery.send(bytes, port, broadcast, resolve) })
  }

  /** A packet that a node of the mesh has said. */
  async heardPacket (): Promise<Buffer> {
    return await until('a packet', () => this.packets.find(bytes => bytes.includes('mesh:sealed')))
  }

  /** Says it again with another content. */
  async sendAltered (alter: (content: Buffer) => void, changes: object = {}): Promise<void> {
    const envelope = JSON.parse((await this.heardPacket()).toString()) as { content: string }
    const content = Buffer.from(envelope.content, 'base64')
    alter(content)
    await this.send({ ...envelope, content: content.toString('base64'), ...changes })
  }

  /** All bytes of a call between two nodes with these options, with a proxy between them, and of discovery. */
  async capture (options: DistributedModuleOptions): Promise<Record<'connections' | 'packets', string>> {
    const captured: Buffer[] = []
    const there = await freePort()
    const proxy = createServer(near => {
      const far = connectTcp(there, '127.0.0.1')
      near.on('data', chunk => captured.push(chunk)).on('error', () => {}).pipe(far)
      far.on('data', chunk => captured.push(chunk)).on('error', () => {}).pipe(near)
      this.finally(() => { near.destroy(); far.destroy() })
    }).listen(there, '127.0.0.9')
    this.finally(() => proxy.close())
    await once(proxy, 'listening')
    process.env.DISCOVERY_HOSTNAME = '127.0.0.9'
    const cote = { environment: `${this.mesh.cote.environment}-captured`, basePort: there, useHostNames: true }
    await this.mesh.host({ ...options, cote })
    delete process.env.DISCOVERY_HOSTNAME
    const caller = await this.mesh.consumer({ ...options, cote: { ...cote, basePort: undefined } })
    await caller.create({ title: 'a word to look for' })
    const text = (bytes: Buffer[]): string => Buffer.concat(bytes).toString('latin1')
    return { connections: text(captured), packets: text(this.packets) }
  }

  /** Is there on a server of its own when a node dials, and waits until that has given up, unconvinced. */
  async isDialled (server: Server, security: Pick<Security, 'dial'>): Promise<void> {
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => {})
      this.finally(() => socket.destroy())
    }).listen(0, '127.0.0.1')
    this.finally(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    let ready = false
    const socket = security.dial({ host: '127.0.0.1', port, key: 'default' }, () => { ready = true })
    socket.on('error', () => {})
    await new Promise(resolve => { socket.once('close', resolve) })
    expect(ready).toBe(false)
  }

  private async closed (socket: Socket): Promise<void> {
    this.finally(() => socket.destroy())
    socket.on('error', () => {}).resume()
    await new Promise(resolve => { socket.once('close', resolve) })
  }
}
