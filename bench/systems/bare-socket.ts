/**
 * The limit: JSON behind its length on a bare socket, the writes of one turn coalesced, and nothing else.
 * No discovery, no deadlines, no hooks, no validation, no errors.
 */
import { once } from 'node:events'
import { connect as dial, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { LOOPBACK, type Host, type Place, type System, type Todo, type Todos } from './system'

type Message = readonly [id: number, ...rest: unknown[]]

const EVENT = 0
const HEADER = 4

/** A socket that carries messages. */
class MessageSocket {
  private outgoing: Buffer[] = []
  private chunks: Buffer[] = []
  private held = 0
  private needed = HEADER

  constructor (private readonly socket: Socket, private readonly receive: (message: Message) => void) {
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.take(chunk))
  }

  send (message: Message): void {
    const body = Buffer.from(JSON.stringify(message))
    const header = Buffer.allocUnsafe(HEADER)
    header.writeUInt32BE(body.length)
    if (this.outgoing.length === 0) process.nextTick(() => this.flush())
    this.outgoing.push(header, body)
  }

  private flush (): void {
    const outgoing = this.outgoing
    this.outgoing = []
    this.socket.write(Buffer.concat(outgoing))
  }

  /** Chunks are kept until a whole message is there, so that a long one is put together once. */
  private take (chunk: Buffer): void {
    this.chunks.push(chunk)
    this.held += chunk.length
    if (this.held < this.needed) return
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks)
    const rest = this.read(bytes)
    this.chunks = rest.length === 0 ? [] : [rest]
    this.held = rest.length
  }

  /** Reads the whole messages; gives the bytes behind them. */
  private read (bytes: Buffer): Buffer {
    let at = 0
    this.needed = HEADER
    while (bytes.length - at >= HEADER) {
      const end = at + HEADER + bytes.readUInt32BE(at)
      if (end > bytes.length) {
        this.needed = end - at
        break
      }
      this.receive(JSON.parse(bytes.toString('utf8', at + HEADER, end)) as Message)
      at = end
    }
    return bytes.subarray(at)
  }
}

/** Connects as soon as somebody listens. */
async function open ({ port }: Place): Promise<Socket> {
  for (;;) {
    const socket = dial(port, LOOPBACK)
    try {
      await once(socket, 'connect')
      return socket
    } catch {
      await delay(5)
    }
  }
}

export const bareSocket: System = {
  async host ({ port }: Place, todos: Todos): Promise<Host> {
    const sockets = new Set<MessageSocket>()
    const server = createServer(socket => {
      const messages = new MessageSocket(socket, ([id, method, argument]) => {
        const result = method === 'get' ? todos.get(argument as string) : todos.create(argument as { id: string })
        void result.then(value => messages.send([id, value]))
      })
      sockets.add(messages)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(messages))
    })
    await once(server.listen(port, LOOPBACK), 'listening')
    return { emit: todo => { for (const socket of sockets) socket.send([EVENT, todo]) } }
  },

  async connect (place: Place): Promise<Todos> {
    const waiting = new Map<number, (value: unknown) => void>()
    let lastId = EVENT
    const messages = new MessageSocket(await open(place), ([id, value]) => {
      waiting.get(id)?.(value)
      waiting.delete(id)
    })
    const call = (method: string, argument: unknown): Promise<unknown> => new Promise(resolve => {
      const id = ++lastId
      waiting.set(id, resolve)
      messages.send([id, method, argument])
    })
    return { get: id => call('get', id), create: data => call('create', data) }
  },

  async subscribe (place: Place, heard: (todo: Todo) => void): Promise<void> {
    new MessageSocket(await open(place), ([id, value]) => {
      if (id === EVENT) heard(value as Todo)
    })
  }
}
