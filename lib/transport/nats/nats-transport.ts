import { ConfigurationError } from '../../errors'
import type { GroupChoice } from '../event-groups'
import { Interest } from '../session/events/interest'
import { SessionGroups } from '../session/events/session-groups'
import { Subscribers, subscribersOf } from '../session/events/subscribers'
import { reachBy, type Reach } from '../reach'
import { UnsentRequests } from '../session/requests/unsent-requests'
import type { PeerProof } from '../siblings'
import type { EventMessage, ReplyHandler, Request, Transport, TransportHost } from '../transport'
import type { JetStreamStore } from './durable/jetstream-store'
import { makeEventStore } from './durable-events'
import { NatsNode } from './nats-node'
import type { NatsSettings } from './options/nats-settings'
import { isWhole } from './subjects'

/** Nodes that meet on a NATS server. */
export class NatsTransport implements Transport {
  private node: NatsNode | undefined
  private isStopping = false
  private readonly unsent = new UnsentRequests()
  private readonly interest = new Interest()
  private subscribers = new Subscribers()
  groups = this.makeGroups()

  readonly eventStore: JetStreamStore

  constructor (private readonly settings: NatsSettings) {
    this.eventStore = makeEventStore(settings)
  }

  get proves (): PeerProof {
    if (this.settings.keysByPermission) return 'key'
    return this.settings.introductions === undefined ? 'nothing' : 'secret'
  }

  async start (host: TransportHost): Promise<void> {
    if (!isWhole(host.key)) {
      const key = JSON.stringify(host.key)
      throw new ConfigurationError([`the key ${key} holds half of a character, which nodes on NATS can't tell from others`])
    }
    this.interest.begin()
    if (host.siblings !== undefined) {
      this.subscribers = subscribersOf(host)
      this.groups = this.makeGroups()
    }
    const { interest, subscribers, settings } = this
    const node = new NatsNode({ host, interest, subscribers, settings })
    this.node = node
    this.isStopping = false
    // Before anybody calls: what a call emits is to be kept.
    await this.eventStore.start(host)
    try {
      await node.start()
    } catch (error) {
      await this.eventStore.stop()
      throw error
    }
  }

  announce (): void {
    this.node?.announce()
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    return this.node?.request(peerId, request, handler) ?? this.unsent.add(handler, `node ${peerId} has left`)
  }

  cancel (peerId: string, requestId: number): void {
    if (!this.unsent.cancel(requestId)) this.node?.cancel(peerId, requestId)
  }

  publish (message: EventMessage, choice?: GroupChoice): void {
    this.node?.publish(message, choice)
  }

  subscribe (path: string, since?: number): void {
    if (this.interest.add(path, since)) this.node?.subscribe(path)
  }

  unsubscribe (path: string): void {
    if (this.interest.delete(path)) this.node?.unsubscribe()
  }

  reachOf (peerId: string): Reach | undefined {
    const session = this.node?.sessionOf(peerId)
    return session === undefined ? undefined : reachBy('nats', session.clock)
  }

  async goodbye (): Promise<void> {
    this.node?.goodbye()
  }

  async stop (drainTimeout: number): Promise<void> {
    const { node } = this
    if (node === undefined || this.isStopping) return
    this.isStopping = true
    const end = performance.now() + drainTimeout
    await Promise.all([this.groups.leave(drainTimeout), this.eventStore.leave(drainTimeout)])
    // Calls that are under way until then may emit events that are to be kept.
    await node.stop(Math.max(0, end - performance.now()))
    await this.eventStore.stop()
    this.node = undefined
    this.subscribers.clear()
  }

  private makeGroups (): SessionGroups {
    return new SessionGroups(this.interest, this.subscribers, () => this.node?.sessions ?? [])
  }
}
