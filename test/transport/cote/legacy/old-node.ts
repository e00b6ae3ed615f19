import { randomUUID } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { json, string } from '../../../../lib/transport/cote/wire/arguments'
import { readPacket, type Advertisement } from '../../../../lib/transport/cote/discovery/hello'
import { writeHello } from '../../../../lib/transport/cote/discovery/write-hello'
import { LegacySubscription } from '../../../../lib/transport/cote/legacy/legacy-subscription'
import { argumentsOf } from '../collect'

const BROADCAST = '127.255.255.255'
const SENDER = { processId: randomUUID(), hostName: 'localhost', processCommand: 'a script' }
const SUBSCRIBER = 'feathers services subscriber'
const PUBLISHER = 'feathers services publisher'
/** Milliseconds from one hello of all components to the next. */
const HELLO_INTERVAL = 100

/** A UDP port of a test's own: none of those that other tests, or systems, give. */
export const discoveryPort = (): number => 18_000 + process.pid % 2_000

/** A request that came to a responder, and the way to answer it. */
export interface OldCall {
  readonly request: { readonly type: string, readonly path: string, readonly data?: unknown }
  readonly reply: (value: unknown) => void
  readonly fail: (error: object) => void
}

/** A component of an old node that others connect to. */
class Component {
  readonly iid = randomUUID()
  readonly connections = new Set<Connection>()
  /** How many connections there ever were. */
  accepted = 0
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  constructor (
    readonly advertisement: Omit<Advertisement, 'port'>,
    onFrame: (args: unknown[], connection: Connection) => void = () => {}
  ) {
    this.server = createServer(socket => {
      this.accepted++
      this.sockets.add(socket)
      const connection: Connection = new Connection(socket, {
        maxMessageSize: 2 ** 24,
        onFrame: frame => onFrame(argumentsOf(frame), connection),
        onClose: () => {
          this.sockets.delete(socket)
          this.connections.delete(connection)
        }
      })
      this.connections.add(connection)
    })
  }

  get port (): number {
    return (this.server.address() as AddressInfo).port
  }

  async listen (): Promise<this> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return this
  }

  /** Cuts what is connected now. */
  cut (): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close (): Promise<void> {
    if (!this.server.listening) return
    const closed = once(this.server, 'close')
    this.server.close()
    this.cut()
    await closed
  }
}

/**
 * A node of feathers-distributed as far as the wire shows one. The test decides what it does: it knows newcomers by
 * their instance ids and takes notice of each of them once, as the real one, and does nothing by itself but say hello.
 */
export class OldNode {
  readonly id = randomUUID()
  /** The nodes that it has seen, in order: each is a subscriber to services. */
  readonly newcomers: string[] = []
  readonly calls: OldCall[] = []
  /** What other nodes announced about their services: the event and the path. */
  readonly told: string[] = []
  readonly services: Component
  readonly events: Component
  responder: Component
  private readonly former: Component[] = []
  private readonly socket: UdpSocket = createSocket({ type: 'udp4', reuseAddr: true })
  /** Where publishers of other nodes listen, by their names. */
  readonly publishers = new Map<string, number>()
  private readonly feeds = new Map<string, LegacySubscription>()
  private timer: NodeJS.Timeout | undefined
  private closed = false

  /**
   * @param environment - nodes of other environments are not seen
   * @param onNewcomer - called for each node that it sees for the first time
   */
  constructor (
    private readonly port: number, private readonly environment: string,
    private readonly onNewcomer: (old: OldNode) => void = old => old.publish('service', 'notes')
  ) {
    this.services = this.component('services publisher', 'services', 'pub-emitter')
    this.events = this.component('services events publisher', 'default', 'pub-emitter')
    this.responder = this.makeResponder()
  }

  async open (): Promise<this> {
    await Promise.all([this.services, this.events, this.responder].map(async component => await component.listen()))
    this.socket.on('message', bytes => this.hear(bytes))
    this.socket.bind({ port: this.port, address: BROADCAST })
    await once(this.socket, 'listening')
    this.socket.setBroadcast(true)
    this.timer = setInterval(() => this.hello(), HELLO_INTERVAL)
    return this
  }

  /** Tells all who are connected of a service. */
  publish (event: 'service' | 'service-removed', path: string): void {
    const names = { uuid: this.id, shortUuid: this.id.split('-')[0], key: 'default' }
    const descriptor = { ...names, path, events: ['created'], methods: ['find', 'get'] }
    for (const connection of this.services.connections) {
      connection.send(string(`message::services::${event}`), json(descriptor))
    }
  }

  /** Answers calls on another port from now on; what is under way on the former one stays there. */
  async move (): Promise<void> {
    this.former.push(this.responder)
    const { iid } = this.responder
    this.responder = Object.assign(await this.makeResponder().listen(), { iid })
  }

  async close (): Promise<void> {
    if (this.closed) return
    this.closed = true
    clearInterval(this.timer)
    for (const feed of this.feeds.values()) feed.destroy()
    this.socket.close()
    const components = [this.services, this.events, this.responder, ...this.former]
    await Promise.all([once(this.socket, 'close'), ...components.map(async component => await component.close())])
  }

  private hello (): void {
    for (const { iid, advertisement, port } of [this.services, this.events, this.responder]) {
      this.socket.send(writeHello(iid, SENDER, { ...advertisement, port }), this.port, BROADCAST)
    }
  }

  private hear (bytes: Buffer): void {
    const { iid, advertisement } = readPacket(bytes) ?? {}
    if (iid === undefined || advertisement?.key.startsWith(`${this.environment}:`) !== true) return
    if (advertisement.appUuid === this.id) return
    if (advertisement.axon_type === 'pub-emitter') this.publishers.set(advertisement.name, advertisement.port ?? 0)
    if (advertisement.name === PUBLISHER) this.follow(iid, advertisement)
    if (advertisement.name !== SUBSCRIBER || this.newcomers.includes(iid)) return
    this.newcomers.push(iid)
    this.onNewcomer(this)
  }

  /** Connects to a publisher of services once, and never again. */
  private follow (iid: string, { port = 0 }: Advertisement): void {
    if (this.feeds.has(iid)) return
    this.feeds.set(iid, new LegacySubscription({
      address: '127.0.0.1',
      port,
      connectTimeout: 3_000,
      maxMessageSize: 2 ** 24,
      onMessage: (event, data) => this.told.push(`${event} ${(data as { path: string }).path}`),
      onClose: () => {}
    }))
  }

  private makeResponder (): Component {
    return this.component('services responder', 'default', 'rep', ([request, id], connection) => {
      this.calls.push({
        request: request as OldCall['request'],
        reply: value => connection.send(json(null), json(value), string(id as string)),
        fail: error => connection.send(json(error), string(id as string))
      })
    })
  }

  private component (
    name: string, key: string, type: string, onFrame?: (args: unknown[], connection: Connection) => void
  ): Component {
    return new Component({
      name: `feathers ${name}`,
      key: `${this.environment}:$$${key}`,
      namespace: key,
      axon_type: type,
      requests: ['find', 'get', 'healthcheck'],
      appUuid: this.id,
      appDistributionKey: 'default'
    }, onFrame)
  }
}
