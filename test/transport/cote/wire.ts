import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { TextArgument } from '../../../lib/transport/cote/wire/frame-writer'
import { until } from '../../until'

/** The wire by hand, to say on it what no node would. */

const BROADCAST = '127.255.255.255'
const DEFAULT_PORT = 12345

export interface Hello {
  readonly event: string
  readonly iid: string
  readonly data: {
    readonly advertisement: { readonly key: string, readonly port: number, readonly mesh?: object }
  }
}

/** A frame of text arguments, each with its type: `j:{"type":"find"}`, `s:1`. */
export function frame (...args: string[]): Buffer {
  const parts = args.flatMap(arg => {
    const bytes = Buffer.from(arg)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return [length, bytes]
  })
  return Buffer.concat([Buffer.from([0x10 | args.length]), ...parts])
}

/** A table of a value: a record whose field leads to its list on as many paths as 2 to the power of the levels. */
export function sharedLists (field: string, levels: number): string {
  const lists = Array.from({ length: levels }, (_, level) => `["Array",[${level + 3}],[${level + 3}]]`)
  return `[[1],{${JSON.stringify(field)}:[2]},${[...lists, '["Array"]'].join()}]`
}

/** A packet that announces a responder of our kind. */
export function hello (iid: string, environment: string, port: number): Record<string, unknown> {
  return {
    event: 'hello',
    pid: 'a process',
    iid,
    hostName: 'localhost',
    data: {
      advertisement: {
        type: 'service',
        name: 'feathers services responder',
        key: `${environment}:$$default`,
        namespace: 'default',
        axon_type: 'rep',
        appUuid: iid,
        appDistributionKey: 'default',
        port,
        mesh: { version: 1, revision: 0 }
      }
    }
  }
}

/** A packet of a stranger that says of itself, in `mesh`, what a node of ours says. */
export function forgedHello (iid: string, environment: string, port: number, mesh: object | undefined): Hello {
  const packet = JSON.parse(JSON.stringify(hello(iid, environment, port))) as Hello
  return { ...packet, data: { advertisement: { ...packet.data.advertisement, mesh } } }
}

/** Listens to the discovery port that all nodes of this machine share, and sends packets for a test. */
export class DiscoveryPort {
  readonly hellos: Hello[] = []
  private readonly socket: UdpSocket = createSocket({ type: 'udp4', reuseAddr: true })

  constructor (private readonly port = DEFAULT_PORT) {}

  async open (): Promise<void> {
    this.socket.on('message', bytes => {
      try {
        const packet = JSON.parse(bytes.toString()) as Hello | null
        if (packet?.event === 'hello') this.hellos.push(packet)
      } catch {
        // What this sends comes back.
      }
    })
    this.socket.bind({ port: this.port, address: BROADCAST })
    await once(this.socket, 'listening')
    this.socket.setBroadcast(true)
  }

  async close (): Promise<void> {
    this.socket.close()
    await once(this.socket, 'close')
  }

  async send (packet: Buffer | object | string | number | null): Promise<void> {
    const bytes = Buffer.isBuffer(packet) ? packet : Buffer.from(JSON.stringify(packet))
    await new Promise<void>((resolve, reject) => {
      this.socket.send(bytes, this.port, BROADCAST, error => {
        if (error === null) resolve()
        else reject(error)
      })
    })
  }

  /** Says hello as a newcomer and waits for a node's answer: then the node has read all that was sent before. */
  async answerOf (iid: string): Promise<Hello> {
    const said = (from: number): Hello | undefined =>
      this.hellos.slice(from).find(packet => packet.iid === iid && packet.data.advertisement.port > 1)
    // Only newcomers of its own environment are answered.
    const { data: { advertisement: { key } } } = await until(`a hello of node ${iid}`, () => said(0))
    const from = this.hellos.length
    let newcomers = 0
    return await until(`an answer of node ${iid}`, async () => {
      // A component that is no node's: it is answered, and nobody connects to it.
      const advertisement = { name: 'newcomer', key, axon_type: 'req' }
      const newcomer = `newcomer-${process.pid}-${Date.now()}-${newcomers++}`
      await this.send({ event: 'hello', pid: newcomer, iid: newcomer, data: { advertisement } })
      return said(from)
    })
  }
}

/** Sends bytes to a node; gives what comes back until the node closes the connection. */
export async function sayTo (port: number, bytes: Buffer, { end = false } = {}): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  // A node that closes while this still writes may reset the connection; that closes it just as well.
  socket.on('error', () => {})
  const received: Buffer[] = []
  socket.on('data', chunk => received.push(chunk))
  let closed = false
  socket.once('end', () => { closed = true }).once('close', () => { closed = true })
  await once(socket, 'connect')
  if (end) socket.end(bytes)
  else socket.write(bytes)
  await until('the node to close the connection', () => closed).finally(() => socket.destroy())
  return Buffer.concat(received)
}

/** A TCP server that takes connections of nodes and treats them as it likes. */
export class FakeResponder {
  readonly connections: Socket[] = []
  private readonly server: Server

  constructor (private readonly treat: (socket: Socket) => void) {
    this.server = createServer({ allowHalfOpen: true }, socket => {
      this.connections.push(socket)
      socket.on('error', () => {})
      this.treat(socket)
    })
  }

  async listen (): Promise<number> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as AddressInfo).port
  }

  async close (): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const connection of this.connections) connection.destroy()
    await closed
  }
}

/** A value that an earlier release sends, and this one takes for too much work. */
export const COSTLY: TextArgument = {
  type: 'v', text: JSON.stringify([[1], ['Array', ...Array(2_000).fill([2])], ...Array(2_000).fill(['Set'])])
}

/** Random numbers that are the same for the same seed (mulberry32). */
export function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}

export function randomBytes (random: () => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
}
