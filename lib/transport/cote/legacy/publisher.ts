import type { Socket } from 'node:net'
import type { Caller } from '../../../contract/contract'
import type { Audience } from '../../transport'
import { MESH_VERSION } from '../../session/control'
import { OwnComponent, type ComponentIdentity, type ComponentOptions } from '../discovery/component'
import { Connection, connectionSettings, type ConnectionSettings } from '../wire/connection'
import { json, string } from '../wire/arguments'
import type { TextArgument } from '../wire/frame-writer'
import type { BindOptions } from '../inbound/bind-port'
import type { Visitor } from '../inbound/admission'
import { Listener, type ListenerOptions } from '../inbound/listener'
import type { Backlogged, TotalBacklog } from '../inbound/total-backlog'

/** What a {@link Publisher} needs of its node. */
export interface PublisherOptions extends ListenerOptions, ConnectionSettings {
  /** Bytes that may wait to leave for one subscriber. */
  readonly maxBacklog: number
  /** What waits to leave on all connections. */
  readonly totalBacklog?: TotalBacklog
  /** Called for each new connection, with a function that sends a message to it alone. */
  readonly onSubscriber?: (send: (event: string, data: unknown) => void) => void
}

/**
 * Marks components that only nodes of feathers-distributed look for. Mesh nodes know a node by its responder, and would
 * take it for a node of feathers-distributed by these.
 */
export const BRIDGE = { version: MESH_VERSION, revision: 0 }

/** A publisher may have one in so many of the connections that the port for calls may have. */
const SHARE_OF_CONNECTIONS = 4

/** cote's Publisher: sends each message to all subscribers that are connected. */
export class Publisher {
  private readonly component: OwnComponent
  private readonly listener: Listener
  /** Each with what is known about it: a node of feathers-distributed tells neither its id nor its key. */
  private readonly subscribers = new Map<Connection, Caller>()
  private readonly namespace: string

  constructor (
    identity: Omit<ComponentIdentity, 'type'>, options: ComponentOptions, private readonly publishing: PublisherOptions
  ) {
    this.component = new OwnComponent({ ...identity, type: 'pub-emitter' }, options)
    this.namespace = identity.key
    const maxConnections = Math.ceil(publishing.maxConnections / SHARE_OF_CONNECTIONS)
    this.listener = new Listener(
      { ...publishing, maxConnections }, (socket, _keys, visitor) => this.accept(socket, visitor)
    )
  }

  /** Opens the port and announces it. */
  async bind (options: BindOptions): Promise<void> {
    this.component.announce({ port: await this.listener.bind(options), mesh: BRIDGE })
  }

  /** Whether anybody would get a message. */
  get hasSubscribers (): boolean {
    return this.subscribers.size > 0
  }

  /**
   * Sends a message.
   *
   * @param dataFor - what a subscriber gets: the same object for all that get the same
   * @param audience - which subscribers get it; all without it
   * @throws what `dataFor` or JSON threw for some subscribers, after all others were sent the message
   */
  publish (event: string, dataFor: (subscriber: Caller) => object, audience?: Audience): void {
    if (!this.hasSubscribers) return
    const { totalBacklog, onRejected } = this.publishing
    const encoded = new Map<object, TextArgument[]>()
    let failure: { readonly error: unknown } | undefined
    for (const [connection, subscriber] of this.subscribers) {
      if (audience?.(subscriber) === false) continue
      // A subscriber that does not read must not fill the memory. It would not come back if it was disconnected.
      if (this.isBehind(connection)) {
        onRejected('droppedEvents', subscriber.address)
        continue
      }
      try {
        const data = dataFor(subscriber)
        let message = encoded.get(data)
        if (message === undefined) encoded.set(data, message = [string(this.topic(event)), json(data)])
        connection.send(...message)
        for (const { text } of message) totalBacklog?.count(text.length)
      } catch (error) {
        failure ??= { error }
        onRejected('droppedEvents', subscriber.address)
      }
    }
    if (failure !== undefined) throw failure.error
  }

  private isBehind ({ backlog }: Connection): boolean {
    const { maxBacklog, totalBacklog } = this.publishing
    return backlog > maxBacklog || totalBacklog?.isTooMuch(backlog) === true
  }

  /** Closes all connections after what was sent has left. */
  close (): void {
    this.listener.close()
    for (const connection of this.subscribers.keys()) connection.closeWithin()
  }

  private accept (socket: Socket, visitor: Visitor): void {
    const { onSubscriber, onRejected, totalBacklog } = this.publishing
    // Subscribers say nothing, and do not come back if they are disconnected: none of them gives way to another.
    visitor.isProven()
    if (socket.destroyed) return
    const { remoteAddress: address = 'unknown' } = socket
    const connection = new Connection(socket, {
      ...connectionSettings(this.publishing),
      // Subscribers send nothing.
      onFrame: () => {},
      onMalformed: reason => onRejected(reason, address),
      onClose: () => {
        this.subscribers.delete(connection)
        totalBacklog?.delete(backlogged)
      }
    })
    const backlogged: Backlogged = { get backlog () { return connection.backlog } }
    totalBacklog?.add(backlogged)
    this.subscribers.set(connection, Object.freeze({ proven: false, address }))
    onSubscriber?.((event, data) => connection.send(string(this.topic(event)), json(data)))
  }

  private topic (event: string): string {
    return `message::${this.namespace}::${event}`
  }
}
