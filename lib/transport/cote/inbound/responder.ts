import type { Socket } from 'node:net'
import { HEALTHCHECK } from '../../../contract/contract'
import type { EventMessage, IncomingCall, TransportHost } from '../../transport'
import { encodeEvent } from '../../messages/event'
import { isLoopback, isOfIPv6 } from '../addresses'
import { InboundConnection, type InboundLimits } from './inbound-connection'
import { RESPONDER } from '../discovery/hello'
import { NodeComponent, type ComponentOptions } from '../discovery/component'
import { CALLER, CANCEL, CONTRACTS, SUBSCRIBE, MESH_VERSION, PING, type ContractsReply } from '../../session/control'
import { debug } from '../debug'
import { refuseOversize, valueArgument } from '../wire/arguments'
import type { ValueArgument } from '../wire/frame-writer'
import type { BindOptions } from './bind-port'
import { Listener, type ListenerOptions } from './listener'

/** cote's Responder for one node: serves the requests of all peers, and sends them the events that they listen to. */
export class Responder extends NodeComponent {
  /** Counts the changes of the contracts; our peers ask again when a hello has another number. */
  private revision = 0
  /** Where this node listens, where its hellos don't tell. */
  private stated: { readonly address?: string } = {}
  private readonly listener: Listener
  private readonly clients = new Set<InboundConnection>()
  private onIdle: () => void = () => {}

  constructor (
    private readonly host: TransportHost, options: ComponentOptions,
    private readonly limits: InboundLimits & ListenerOptions
  ) {
    super({ name: RESPONDER, key: host.key, node: host }, options)
    this.listener = new Listener(limits, (socket, keys) => this.accept(socket, keys))
  }

  override get type (): string { return 'rep' }
  override get oppo (): string { return 'req' }

  /** Opens the port; the node is announced with it from then on. */
  async bind (options: BindOptions): Promise<void> {
    this.advertisement.port = await this.listener.bind(options)
    debug('node %s (key %s) listens on %s:%d', this.host.id, this.host.key, options.host, this.advertisement.port)
    const { address } = this.listener
    this.stated = isOfIPv6(address) && isLoopback(address) ? { address } : {}
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
    this.advertisement.mesh = { version: MESH_VERSION, revision: this.revision, ...this.stated }
    super.startDiscovery()
  }

  /** Sends an event to those who listen to its path and may hear it; it is encoded once for all of them. */
  publish (message: EventMessage): void {
    const { path, event } = message
    const audience = this.host.audience?.(path, event)
    let frame: ValueArgument | undefined
    for (const client of this.clients) {
      if (!client.listensTo(path) || audience?.(client.caller) === false) continue
      client.sendEvent(message, frame ??= this.encode(message))
    }
  }

  /** @throws RangeError when no client would take the event */
  private encode (message: EventMessage): ValueArgument {
    const encoded = valueArgument(encodeEvent(message))
    refuseOversize(encoded, this.limits.maxMessageSize)
    return encoded
  }

  /** Stops accepting, lets what is under way finish, and waits for our peers to hang up. */
  async drain (): Promise<void> {
    this.listener.close()
    for (const client of this.clients) client.sayGoodbye()
    await new Promise<void>(resolve => {
      this.onIdle = resolve
      this.checkIdle()
    })
  }

  override close (): void {
    this.listener.close()
    for (const client of this.clients) client.close()
  }

  private accept (socket: Socket, provenKeys: readonly string[] | undefined): void {
    const client = new InboundConnection(socket, {
      ...this.limits,
      key: this.host.key,
      errorClasses: this.host.errorClasses,
      provenKeys,
      onRequest: call => this.onRequest(client, call),
      onIdle: () => this.checkIdle(),
      onClose: () => {
        this.clients.delete(client)
        this.checkIdle()
      }
    })
    this.clients.add(client)
  }

  private onRequest (client: InboundConnection, call: IncomingCall): void {
    const { method: type, data } = call.request
    switch (type) {
      case CONTRACTS:
        client.isMeshNode = true
        return call.reply(null, {
          id: this.host.id, revision: this.revision, contracts: this.host.contracts(), now: Date.now()
        } satisfies ContractsReply)
      case SUBSCRIBE:
        for (const path of client.subscribe(data)) this.host.subscribed?.(client.caller, path)
        return call.reply(null, true)
      case PING:
        return call.reply(null, true)
      case CALLER:
        return client.introduce(data)
      case CANCEL:
        return client.cancel(data)
      default:
        return this.host.serve(call)
    }
  }

  private checkIdle (): void {
    // After each reply to a client that has no other call: a copy of all of them would cost more than the reply.
    for (const client of this.clients) if (client.isMeshNode || client.isServing) return
    this.onIdle()
  }
}
