import type { Socket } from 'node:net'
import type { ComponentIdentity, ComponentOptions } from '../component'
import { Connection } from '../connection'
import { json, string } from '../encode'
import type { ListenOptions } from '../listen'
import { Listener, type ListenerOptions } from '../listener'
import { BridgeComponent } from './bridge-component'

export interface PublisherOptions extends ListenerOptions {
  readonly maxMessageSize: number
  /** Bytes that may wait to leave for one subscriber. */
  readonly maxBacklog: number
  /** Called for each new connection, with what sends a message to it alone. */
  readonly onSubscriber?: (send: (event: string, data: unknown) => void) => void
}

/** Milliseconds that the last events have to leave. */
const LAST_BYTES = 2_000

/** cote's Publisher: sends each message to all who are connected. */
export class Publisher extends BridgeComponent {
  private readonly listener: Listener
  private readonly connections = new Set<Connection>()
  private readonly namespace: string

  constructor (identity: ComponentIdentity, options: ComponentOptions, private readonly publishing: PublisherOptions) {
    super(identity, options)
    this.namespace = identity.key
    this.listener = new Listener(publishing, socket => this.accept(socket))
  }

  override get type (): string { return 'pub-emitter' }
  override get oppo (): string { return 'sub-emitter' }

  async listen (options: ListenOptions): Promise<void> {
    this.advertisement.port = await this.listener.listen(options)
    this.startDiscovery()
  }

  publish (event: string, data: unknown): void {
    if (this.connections.size === 0) return
    const message = [string(this.topic(event)), json(data)]
    for (const connection of this.connections) {
      // Who does not read must not fill this node's memory, and would not come back if it was cut off.
      if (connection.backlog <= this.publishing.maxBacklog) connection.send(...message)
    }
  }

  override close (): void {
    this.listener.close()
    for (const connection of this.connections) connection.endWithin(LAST_BYTES)
  }

  private accept (socket: Socket): void {
    const { maxMessageSize, onSubscriber } = this.publishing
    const connection = new Connection(socket, {
      maxMessageSize,
      // A subscriber has nothing to say.
      onFrame: () => {},
      onClose: () => this.connections.delete(connection)
    })
    this.connections.add(connection)
    onSubscriber?.((event, data) => connection.send(string(this.topic(event)), json(data)))
  }

  private topic (event: string): string {
    return `message::${this.namespace}::${event}`
  }
}
