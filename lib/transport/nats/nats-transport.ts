import { ConfigurationError } from '../../errors'
import { contain } from '../boundary'
import { Drain, within } from '../drain'
import type { GroupChoice } from '../event-groups'
import type { OnRejected } from '../rejections'
import { Interest } from '../session/events/interest'
import { SessionGroups } from '../session/events/session-groups'
import { Subscribers } from '../session/events/subscribers'
import { UnsentRequests } from '../session/requests/unsent-requests'
import { MalformedMessage, type EventMessage, type ReplyHandler, type Request, type Transport, type TransportHost } from '../transport'
import { loadClient } from './client'
import { NatsConnection } from './connection'
import { EventPublisher } from './event-publisher'
import { EventSubjects } from './event-subjects'
import type { NatsPeer } from './nats-peer'
import type { NatsSettings } from './nats-settings'
import { Peers } from './peers'
import { lastToken, Subjects } from './subjects'
import { Watch } from './watch'

/** What a message has beside its messages: heads, and the nodes that pass it over. */
const HEAD_BYTES = 4_096
/** Bytes of a character, at most. */
const MAX_CHARACTER_BYTES = 3

/** Nodes that meet on a NATS server. */
export class NatsTransport implements Transport {
  private node: OnNats | undefined
  private readonly unsent = new UnsentRequests()
  private readonly interest = new Interest()
  private readonly subscribers = new Subscribers()
  readonly groups = new SessionGroups(this.interest, this.subscribers, () => this.node?.sessions ?? [])

  constructor (private readonly settings: NatsSettings) {}

  async start (host: TransportHost): Promise<void> {
    this.interest.begin()
    const { interest, subscribers, settings } = this
    const node = new OnNats({ host, interest, subscribers, settings })
    this.node = node
    await node.start()
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
    if (this.interest.delete(path)) this.node?.unsubscribe(path)
  }

  async stop (drainTimeout: number): Promise<void> {
    const { node } = this
    if (node === undefined || node.isLeaving) return
    await this.groups.leave(drainTimeout)
    await node.stop(drainTimeout)
    this.node = undefined
    this.subscribers.clear()
  }
}

/** What an {@link OnNats} is made of. */
interface OnNatsOptions {
  readonly host: TransportHost
  readonly interest: Interest
  readonly subscribers: Subscribers
  readonly settings: NatsSettings
}

/** A node from its start until it has left. */
class OnNats {
  isLeaving = false
  private revision = 0
  private readonly onRejected: OnRejected
  private readonly subjects: Subjects
  private readonly connection: NatsConnection
  private readonly peers: Peers
  private readonly publisher: EventPublisher
  private readonly events: EventSubjects
  private readonly watch: Watch
  private readonly drain = new Drain(() => [...this.sessions].every(({ isDrained }) => isDrained))
  /** The peers for which something waits to leave, and those where it must do so before the next event. */
  private readonly waiting = new Set<NatsPeer>()
  private readonly ordered = new Set<NatsPeer>()
  private isFlushing = false

  constructor (private readonly options: OnNatsOptions) {
    const { host, settings, subscribers } = options
    this.onRejected = host.onRejected ?? (() => {})
    this.subjects = new Subjects(settings.prefix, settings.environment)
    this.connection = this.makeConnection()
    this.peers = this.makePeers()
    this.publisher = new EventPublisher({
      subjects: this.subjects,
      subscribers,
      key: host.key,
      peers: () => this.peers.all,
      send: (subject, text) => this.send(subject, text),
      head: () => this.peers.eventHead,
      flushOrdered: () => this.flushPeers(this.ordered),
      onWaiting: () => this.flushLater(),
      maxMessageSize: () => this.maxMessageSize,
      maxLength: () => this.maxLength
    })
    this.events = new EventSubjects(path => this.listen(this.subjects.events(path), (subject, text) => {
      this.peers.onEventText(subject, text)
    }))
    this.watch = this.makeWatch()
  }

  get sessions (): Iterable<NatsPeer['session']> {
    return [...this.peers.all].map(({ session }) => session)
  }

  async start (): Promise<void> {
    const { interest } = this.options
    for (const path of interest.all) this.events.add(path)
    await this.connection.start()
  }

  announce (): void {
    this.revision++
    if (this.isLeaving) return
    for (const session of this.sessions) session.announce()
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number | undefined {
    const peer = this.peers.get(peerId)
    if (peer === undefined) return undefined
    const id = peer.session.request(request, handler)
    this.watch.expect(peer)
    return id
  }

  cancel (peerId: string, requestId: number): void {
    this.peers.get(peerId)?.session.cancel(requestId)
  }

  publish (message: EventMessage, choice?: GroupChoice): void {
    this.publisher.publish(message, choice ?? this.options.host.audience?.(message.path, message.event))
  }

  subscribe (path: string): void {
    // First, so that nothing that a peer sends for it is missed.
    this.events.add(path)
    for (const session of this.sessions) session.sync()
  }

  /** Peers publish until they know that this node does not listen any more, and what they count has to come. */
  unsubscribe (path: string): void {
    const { sessions } = this
    for (const session of sessions) session.sync()
    const settled = Promise.all([...sessions].map(async session => await session.settled()))
    void settled.then(() => {
      if (!this.options.interest.has(path)) this.events.delete(path)
    })
  }

  async stop (drainTimeout: number): Promise<void> {
    if (this.isLeaving) return
    this.isLeaving = true
    this.peers.greet(false)
    await within(drainTimeout, this.drain.wait())
    this.watch.stop()
    for (const peer of [...this.peers.all]) {
      peer.session.end()
      peer.write('gone', 0)
    }
    this.flush()
    this.peers.closeAll()
    await this.connection.close()
  }

  private get maxMessageSize (): number {
    return Math.min(this.options.settings.maxMessageSize, this.connection.maxPayload - HEAD_BYTES)
  }

  /** Characters that fit into a message of the server, whatever they are. */
  private get maxLength (): number {
    return Math.floor((this.connection.maxPayload - HEAD_BYTES) / MAX_CHARACTER_BYTES)
  }

  private onUp (): void {
    const { host } = this.options
    this.peers.begin()
    this.listen(this.subjects.inbox(host.id, host.key), (subject, text) => {
      // Without anything in it, it only asks the server whether this node is there.
      if (text !== '') this.peers.onInboxText(subject, text)
    })
    this.listen(this.subjects.unheard(host.id, host.key), subject => this.onUnheard(lastToken(subject)))
    this.listen(this.subjects.hello(), (subject, text) => this.peers.onHelloBytes(subject, text))
    this.events.begin()
    this.peers.greet(true)
    this.watch.start()
  }

  private onDown (): void {
    this.watch.stop()
    this.events.end()
    this.waiting.clear()
    this.ordered.clear()
    this.publisher.drop()
    this.peers.loseAll()
  }

  private onUnheard (reference: string): void {
    const unheard = this.peers.unheard(reference)
    if (unheard === undefined) return
    const { peer, ids } = unheard
    peer.session.failUnsent(ids, `node ${peer.id} is not there`)
    this.watch.onUnheard(peer)
  }

  /** The one place by which bytes leave. */
  private send (subject: string, text: string, reply?: string): void {
    this.connection.publish(subject, Buffer.from(text), reply)
  }

  /** The one place by which bytes come. */
  private listen (subject: string, onText: (subject: string, text: string) => void): () => void {
    return this.connection.subscribe(subject, (from, bytes) => {
      try {
        onText(from, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error
        this.onRejected('malformedFrame', 'nats', error.message)
      }
    })
  }

  private flushLater (): void {
    if (this.isFlushing) return
    this.isFlushing = true
    setImmediate(() => contain(this.onRejected, 'nats', () => this.flush()))
  }

  /** Sends all that has gathered: events first, so that a caller hears those of its call before the reply. */
  private flush (): void {
    this.isFlushing = false
    this.flushPeers(this.ordered)
    this.publisher.flush()
    this.flushPeers(this.waiting)
    this.ordered.clear()
  }

  private flushPeers (peers: Set<NatsPeer>): void {
    for (const peer of peers) {
      peers.delete(peer)
      peer.outbox.flush()
    }
  }

  private makeConnection (): NatsConnection {
    const { settings, host } = this.options
    const { client, fault } = loadClient(settings.load)
    if (client === undefined) throw new ConfigurationError([`the NATS transport ${fault}`])
    return new NatsConnection({
      client,
      place: async () => await settings.clientOptions(client, host.name ?? host.id),
      title: settings.title,
      onRejected: this.onRejected,
      log: host.log,
      onUp: () => this.onUp(),
      onDown: () => this.onDown(),
      onDrain: () => { for (const peer of this.peers.all) peer.onDrain() }
    })
  }

  private makePeers (): Peers {
    const { settings, ...options } = this.options
    return new Peers({
      ...options,
      subjects: this.subjects,
      provesKeys: settings.keysByPermission,
      maxBacklog: settings.maxBacklog,
      maxMessageSize: () => this.maxMessageSize,
      maxLength: () => this.maxLength,
      revision: () => this.revision,
      isLeaving: () => this.isLeaving,
      isServerBehind: () => this.connection.waiting > settings.maxBacklog,
      onWaiting: peer => {
        this.waiting.add(peer)
        this.flushLater()
      },
      onOrdered: peer => {
        this.publisher.flush()
        this.ordered.add(peer)
      },
      collect: (peer, event) => this.publisher.collect(peer, event),
      onIdle: () => this.drain.check(),
      send: (subject, text, reply) => this.send(subject, text, reply)
    })
  }

  private makeWatch (): Watch {
    const { settings, host } = this.options
    const nothing = Buffer.alloc(0)
    return new Watch({
      peers: () => this.peers.all,
      probe: peer => this.connection.publish(
        this.subjects.inbox(peer.id, peer.options.peer.key, host.key), nothing, this.peers.unheardSubject(peer)
      ),
      onGone: peer => this.peers.lose(peer),
      onSilent: peer => {
        peer.session.onSilent()
        this.peers.lose(peer, 'silent')
      },
      helloInterval: settings.helloInterval,
      sayHello: () => contain(this.onRejected, 'nats', () => this.peers.greet(false)),
      nodeTimeout: settings.nodeTimeout,
      silenceTimeout: host.silenceTimeout
    })
  }
}
