import { ConfigurationError } from '../../errors'
import { contain } from '../boundary'
import { Drain, within } from '../drain'
import type { GroupChoice } from '../event-groups'
import type { OnRejected } from '../rejections'
import type { Interest } from '../session/events/interest'
import type { Subscribers } from '../session/events/subscribers'
import type { EventMessage, ReplyHandler, Request, TransportHost } from '../transport'
import { loadClient } from './client'
import { NatsConnection, type OnBytes } from './connection'
import { EventPublisher } from './events/event-publisher'
import { EventSubjects } from './events/event-subjects'
import { Inflow } from './inflow'
import type { NatsPeer } from './nats-peer'
import type { NatsSettings } from './options/nats-settings'
import { Outflow } from './outflow'
import { Peers } from './peers'
import { lastToken, Subjects } from './subjects'
import { Watch } from './watch'
import { makeWire } from './wires/make-wire'
import type { Wire } from './wires/wire'

/** What a message has beside its messages: heads, and the nodes that pass it over. */
const HEAD_BYTES = 4_096
/** Bytes of a character, at most. */
const MAX_CHARACTER_BYTES = 3

/** What an {@link NatsNode} is made of. */
export interface NatsNodeOptions {
  readonly host: TransportHost
  readonly interest: Interest
  readonly subscribers: Subscribers
  readonly settings: NatsSettings
}

/** A node from its start until it has left. */
export class NatsNode {
  isLeaving = false
  private revision = 0
  private readonly onRejected: OnRejected
  private readonly subjects: Subjects
  private readonly connection: NatsConnection
  private readonly peers: Peers
  private readonly wire: Wire
  private readonly publisher: EventPublisher
  private readonly events: EventSubjects
  private readonly watch: Watch
  private readonly outflow: Outflow
  private readonly inflow: Inflow
  private readonly drain = new Drain(
    () => this.outflow.isEmpty && [...this.sessions].every(({ isDrained }) => isDrained)
  )

  constructor (private readonly options: NatsNodeOptions) {
    const { host, settings, subscribers } = options
    this.onRejected = host.onRejected ?? (() => {})
    this.subjects = new Subjects(settings.prefix, settings.environment, settings.introductions)
    this.connection = this.makeConnection()
    this.outflow = new Outflow({
      publisher: () => this.publisher,
      onRejected: this.onRejected,
      waiting: () => this.connection.waiting,
      maxLength: () => this.maxLength,
      onEmpty: () => this.drain.check()
    })
    this.inflow = new Inflow(this.onRejected)
    this.peers = this.makePeers()
    const { subjects, peers, outflow } = this
    this.wire = makeWire({
      host,
      subjects,
      peers,
      send: (subject, bytes, reply) => this.send(subject, bytes, reply),
      read: this.inflow.read,
      isLeaving: () => this.isLeaving,
      onNames: () => this.events.renew(),
      onOldNames: () => this.events.endOld()
    }, settings)
    this.publisher = new EventPublisher({
      subjects,
      subscribers,
      key: host.key,
      peers: () => peers.all,
      send: (subject, except, texts) => this.wire.publish(subject, except, texts),
      departures: outflow.departures,
      lane: outflow.lane,
      flushOrdered: () => outflow.flushOrdered(),
      onWaiting: () => outflow.flushLater(),
      maxMessageSize: settings.maxMessageSize,
      maxLength: () => this.maxLength
    })
    this.events = new EventSubjects(
      path => subjects.events(path), subject => this.listen(subject, (from, bytes) => this.wire.onEvents(from, bytes))
    )
    this.watch = this.makeWatch()
  }

  get sessions (): Iterable<NatsPeer['session']> {
    return [...this.peers.all].map(({ session }) => session)
  }

  sessionOf (peerId: string): NatsPeer['session'] | undefined {
    return this.peers.get(peerId)?.session
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
    this.sessionOf(peerId)?.cancel(requestId)
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
  unsubscribe (): void {
    const sessions = [...this.sessions]
    for (const session of sessions) session.sync()
    void Promise.all(sessions.map(async session => await session.settled())).then(() => this.tidyEvents())
  }

  /** Ends subscriptions that nobody needs. Peers that leave are not told, and their last events still count. */
  private tidyEvents (): void {
    for (const { session } of this.peers.all) if (session.hasLeft && session.isListening) return
    this.events.keep(this.options.interest)
  }

  /** Peers send no new requests from now on; all else goes on. */
  goodbye (): void {
    if (this.isLeaving) return
    this.isLeaving = true
    this.wire.greet(false)
    for (const peer of this.peers.all) this.watch.expect(peer)
  }

  async stop (drainTimeout: number): Promise<void> {
    this.goodbye()
    // Calls that have come are served before the drain ends.
    this.inflow.end()
    await within(drainTimeout, this.drain.wait())
    this.watch.stop()
    this.outflow.finish()
    for (const peer of [...this.peers.all]) {
      peer.session.end()
      peer.write('gone', 0)
    }
    this.outflow.finish()
    this.wire.end()
    this.peers.closeAll()
    await this.connection.close()
  }

  /** Characters that fit into a message of the server, whatever they are. */
  private get maxLength (): number {
    return Math.floor((this.connection.maxPayload - HEAD_BYTES) / MAX_CHARACTER_BYTES)
  }

  private onUp (): void {
    const { host } = this.options
    this.peers.begin()
    this.listen(this.subjects.inbox(host.id, host.key), (subject, bytes) => {
      // Without anything in it, it only asks the server whether this node is there.
      if (bytes.length > 0) this.wire.onInbox(subject, bytes)
    })
    this.listen(this.subjects.unheard(host.id, host.key), subject => this.onUnheard(lastToken(subject)))
    this.listen(this.subjects.hello(), (subject, bytes) => this.wire.onHello(subject, bytes))
    this.events.begin()
    this.wire.begin()
    this.wire.greet(true)
    this.watch.start()
  }

  private onDown (): void {
    this.inflow.finish()
    this.watch.stop()
    this.events.end()
    this.outflow.drop()
    this.wire.end()
    this.peers.loseAll()
  }

  private onUnheard (reference: string): void {
    const unheard = this.peers.unheard(reference)
    if (unheard === undefined) return
    const { peer, ids } = unheard
    if (this.wire.believesServer) peer.session.failUnsent(ids, `node ${peer.id} is not there`)
    this.watch.onUnheard(peer)
  }

  /** The one place by which bytes leave. */
  private send (subject: string, bytes: Buffer, reply?: string): void {
    // What the client refuses must not keep other messages from leaving.
    contain(this.onRejected, 'nats', () => this.connection.publish(subject, bytes, reply))
  }

  /** The one place by which bytes come. */
  private listen (subject: string, onBytes: OnBytes): () => void {
    return this.connection.subscribe(subject, this.inflow.reader(onBytes))
  }

  private makeConnection (): NatsConnection {
    const { options: { settings, host }, onRejected } = this
    const { client, fault } = loadClient(settings.load)
    if (client === undefined) throw new ConfigurationError([`the NATS transport ${fault}`])
    return new NatsConnection({
      client,
      place: async () => await settings.clientOptions(client, host.name ?? host.id),
      title: settings.title,
      onRejected,
      log: host.log,
      onUp: () => this.onUp(),
      onDown: () => this.onDown(),
      onDrain: () => {
        this.outflow.sendOn()
        for (const peer of this.peers.all) peer.onDrain()
      }
    })
  }

  private makePeers (): Peers {
    const { outflow, options: { settings, ...options } } = this
    return new Peers({
      ...options,
      subjects: this.subjects,
      provesKeys: settings.keysByPermission,
      maxBacklog: settings.maxBacklog,
      maxMessageSize: settings.maxMessageSize,
      departures: outflow.departures,
      lane: outflow.lane,
      maxLength: () => this.maxLength,
      revision: () => this.revision,
      isLeaving: () => this.isLeaving,
      isServerBehind: () => this.connection.waiting > settings.maxBacklog,
      onWaiting: peer => outflow.add(peer),
      onOrdered: peer => outflow.addOrdered(peer),
      onRead: () => outflow.sendOn(),
      // Not at once: its session is at work.
      onUnread: peer => setImmediate(() => this.peers.lose(peer)),
      collect: (peer, event) => this.publisher.collect(peer, event),
      onSubscribed: () => this.publisher.pathSubscribers.forget(),
      onLosing: () => this.inflow.finish(),
      onLost: peer => {
        this.publisher.pathSubscribers.forget()
        this.wire.forget(peer)
        this.tidyEvents()
        // What it was to get has gone with it.
        this.drain.check()
      },
      onIdle: () => this.drain.check(),
      send: (peer, messages, reply) => this.wire.send(peer, messages, reply)
    })
  }

  private makeWatch (): Watch {
    const { settings, host } = this.options
    const nothing = Buffer.alloc(0)
    return new Watch({
      peers: () => this.peers.all,
      isLeaving: () => this.isLeaving,
      probe: peer => this.connection.publish(
        this.subjects.inbox(peer.id, peer.options.peer.key, host.key), nothing, this.peers.unheardSubject(peer)
      ),
      onGone: peer => this.peers.lose(peer),
      onSilent: (peer, reason) => {
        peer.session.onSilent()
        this.peers.lose(peer, reason)
      },
      server: this.connection,
      helloInterval: settings.helloInterval,
      sayHello: () => contain(this.onRejected, 'nats', () => this.wire.greet(false)),
      nodeTimeout: settings.nodeTimeout,
      silenceTimeout: host.silenceTimeout
    })
  }
}
