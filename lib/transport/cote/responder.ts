import { createServer, type Socket } from 'node:net'
import { HEALTHCHECK } from '../../contract/contract'
import type { EventMessage, Reply, Request, TransportHost } from '../transport'
import { toWireError } from '../wire-error'
import { RESPONDER } from './component-names'
import { NodeComponent, type ComponentOptions } from './component'
import { Connection } from './connection'
import { CONTRACTS, EVENT_ID, GOODBYE_ID, LISTEN, MESH_VERSION, type ContractsReply } from './control'
import { debug } from './debug'
import { NULL, json, string } from './encode'
import { readArgument, readString } from './frame-argument'
import type { Frame } from './frame-parser'
import type { TextArgument } from './frame-writer'
import { listen, type ListenOptions } from './listen'
import { MalformedFrame } from './malformed-frame'

/** A connection from a requester, and which events it wants. */
interface Client {
  readonly connection: Connection
  paths: ReadonlySet<string>
  /** A requester of our own kind: it hangs up when it is told goodbye. */
  isMeshNode: boolean
}

/** cote's Responder for one node: serves the requests of all peers, and sends them the events that they listen to. */
export class Responder extends NodeComponent {
  /** Counts the changes of the contracts; our peers ask again when a hello has another number. */
  private revision = 0
  private readonly server = createServer(socket => this.accept(socket))
  private readonly clients = new Set<Client>()
  private inFlight = 0
  private onIdle: () => void = () => {}

  constructor (
    private readonly host: TransportHost, options: ComponentOptions, private readonly maxMessageSize: number
  ) {
    super({ name: RESPONDER, key: host.key, node: host }, options)
    // A connection that fails while it is accepted is the peer's loss, not the node's.
    this.server.on('error', error => debug('accepting: %s', error.message))
  }

  override get type (): string { return 'rep' }
  override get oppo (): string { return 'req' }

  /** Opens the port; the node is announced with it from then on. */
  async listen (options: ListenOptions): Promise<void> {
    this.advertisement.port = await listen(this.server, options)
    this.startDiscovery()
  }

  /** Tells peers that the contracts changed. */
  announce (): void {
    this.revision++
    this.startDiscovery()
  }

  override startDiscovery (): void {
    const methods = this.host.contracts().flatMap(contract => contract.methods.map(({ name }) => name))
    this.advertisement.requests = [...new Set(methods), HEALTHCHECK]
    this.advertisement.mesh = { version: MESH_VERSION, revision: this.revision }
    super.startDiscovery()
  }

  /** Sends an event to those who listen to its path; it is encoded once for all of them. */
  publish (message: EventMessage): void {
    let frame: TextArgument | undefined
    for (const { connection, paths } of this.clients) {
      if (!paths.has(message.path)) continue
      frame ??= json(message)
      connection.send(frame, string(EVENT_ID))
    }
  }

  /** Stops accepting, lets what is under way finish, and waits for our peers to hang up. */
  async drain (): Promise<void> {
    this.server.close()
    for (const { connection, isMeshNode } of this.clients) if (isMeshNode) connection.send(NULL, string(GOODBYE_ID))
    await new Promise<void>(resolve => {
      this.onIdle = resolve
      this.checkIdle()
    })
  }

  override close (): void {
    this.server.close()
    for (const { connection } of this.clients) connection.end()
    // A peer that does not hang up in its turn must not keep this node.
    for (const { connection } of this.clients) setImmediate(() => connection.destroy())
  }

  private accept (socket: Socket): void {
    const client: Client = {
      connection: new Connection(socket, {
        maxMessageSize: this.maxMessageSize,
        onFrame: frame => this.onFrame(client, frame),
        onClose: () => {
          this.clients.delete(client)
          this.checkIdle()
        }
      }),
      paths: new Set(),
      isMeshNode: false
    }
    this.clients.add(client)
  }

  private onFrame (client: Client, frame: Frame): void {
    if (frame.count < 2) throw new MalformedFrame('a request without an id')
    const id = string(readString(frame, frame.count - 1))
    const request = readArgument(frame, 0)
    if (!isRequest(request)) throw new MalformedFrame('a request without a type')

    const reply = this.replyTo(client.connection, id)
    switch (request.type) {
      case CONTRACTS:
        client.isMeshNode = true
        return reply(null, { revision: this.revision, contracts: this.host.contracts() } satisfies ContractsReply)
      case LISTEN:
        client.paths = new Set(Array.isArray(request.data) ? request.data.filter(path => typeof path === 'string') : [])
        return reply(null, true)
      default:
        return this.host.serve(request, reply)
    }
  }

  private replyTo (connection: Connection, id: TextArgument): Reply {
    this.inFlight++
    return (error, value) => {
      this.inFlight--
      if (error === null || error === undefined) this.sendValue(connection, id, value)
      else connection.send(json(toWireError(error)), id)
      if (this.inFlight === 0) this.checkIdle()
    }
  }

  private sendValue (connection: Connection, id: TextArgument, value: unknown): void {
    let encoded: TextArgument
    try {
      encoded = json(value)
    } catch (error) {
      connection.send(json({ name: 'TypeError', message: `the result can't be sent: ${(error as Error).message}` }), id)
      return
    }
    connection.send(NULL, encoded, id)
  }

  private checkIdle (): void {
    if (this.inFlight === 0 && ![...this.clients].some(client => client.isMeshNode)) this.onIdle()
  }
}

function isRequest (value: unknown): value is Request {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Request>).type === 'string'
}
