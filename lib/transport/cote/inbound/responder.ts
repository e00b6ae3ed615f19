import type { Socket } from 'node:net'
import { HEALTHCHECK } from '../../../contract/contract'
import { failedCallOf, notHosted } from '../../../errors'
import { nodeTitle } from '../../../printable'
import { clockOfNode } from '../../node-clock'
import { answerControl } from '../../session/answer-control'
import type { KnownLists } from '../../session/contracts/known-lists'
import { readGiven } from '../../session/contracts/lists-question'
import { tellList } from '../../session/contracts/told-list'
import type { WantedLists } from '../../session/contracts/wanted-lists'
import { CALLER, CANCEL, clockOf, CONTRACTS, DONE, HELLOS, MESH_VERSION } from '../../session/control'
import { Drain } from '../../drain'
import type { GroupChoice } from '../../event-groups'
import { PathSubscribers } from '../../session/events/publish'
import { subscribersOf, type Subscribers } from '../../session/events/subscribers'
import { RequestRefused, type EventMessage, type IncomingCall, type TransportHost } from '../../transport'
import { isLoopback } from '../../ip-address'
import { LOOPBACK } from '../addresses'
import { debug } from '../debug'
import { OwnComponent, type ComponentOptions } from '../discovery/component'
import { RESPONDER } from '../discovery/hello'
import type { Visits } from '../discovery/places/visits'
import { isEncrypted } from '../wire/frame-writer'
import type { BindOptions } from './bind-port'
import { InboundConnection, type InboundLimits, type KnowsNode } from './inbound-connection'
import type { Visitor } from './admission'
import { Listener, type ListenerOptions } from './listener'

/** While this node drains, how often it looks for peers that take too long to close their connections. */
const IDLE_CHECK_MS = 250

/** Bytes of the longest name of a node that its hellos tell; a longer one comes with its contracts alone. */
const MAX_TOLD_NAME = 100

/** cote's Responder for one node: serves the requests of all peers, and sends them the events that they want. */
export class Responder {
  private readonly component: OwnComponent
  /** Counts the changes of the contracts; mesh nodes ask again when a hello has another number. */
  private revision = 0
  /** Where this node listens, where its hellos don't tell. */
  private stated: { readonly address?: string } = {}
  private readonly listener: Listener
  private readonly connections = new Set<InboundConnection>()
  readonly subscribers: Subscribers
  private readonly pathSubscribers = new PathSubscribers(() => this.connections)
  private readonly lists: KnownLists
  private readonly idle = new Drain(() => this.isIdle())
  private idleCheck: NodeJS.Timeout | undefined
  private readonly gone = new Drain(() => !this.hasListeners())

  constructor (
    private readonly host: TransportHost, options: ComponentOptions,
    private readonly limits: InboundLimits & ListenerOptions & {
      readonly knows: KnowsNode
      /** The lists of contracts that this node hands on. */
      readonly known: KnownLists
      /** Those that this node wants. */
      readonly lists: WantedLists
      readonly visits: Visits
    }
  ) {
    this.lists = limits.known
    this.subscribers = subscribersOf(host)
    this.component = new OwnComponent({ type: 'rep', name: RESPONDER, key: host.key, node: host }, options)
    this.listener = new Listener(limits, (socket, keys, visitor) => this.accept(socket, keys, visitor))
  }

  /** Opens the port; the node is announced with it from then on. */
  async bind (options: BindOptions): Promise<void> {
    const port = await this.listener.bind(options)
    const { id, name, key } = this.host
    debug('node %s (key %s) listens on %s:%d', nodeTitle({ id, name }), key, options.host, port)
    const { address } = this.listener
    // Packets, and connections to other nodes, come from this one.
    this.stated = isLoopback(address) && address !== LOOPBACK ? { address } : {}
    this.component.announce({ port, ...this.offer() })
  }

  /** Tells peers that the contracts changed. */
  announce (): void {
    this.revision++
    this.component.announce(this.offer())
  }

  /** Sends an event to the peers that subscribed to its path and may hear it. */
  publish (message: EventMessage, choice?: GroupChoice): void {
    const reach = choice ?? this.host.audience?.(message.path, message.event)
    this.subscribers.publish(message, this.pathSubscribers, reach, this.limits.maxMessageSize)
  }

  /**
   * Stops accepting and lets what is under way finish, with all its events. Then tells mesh nodes what they missed, and
   * waits until they have read it.
   */
  async drain (): Promise<void> {
    this.listener.close()
    for (const connection of this.connections) connection.sendGoodbye(this.limits.knows)
    await this.waitFor(this.idle)
    for (const connection of this.connections) connection.finish()
    await this.waitFor(this.gone)
  }

  /** Closes all connections after what was sent has left. */
  close (): void {
    clearInterval(this.idleCheck)
    this.listener.close()
    for (const connection of this.connections) connection.close()
    this.subscribers.clear()
  }

  private offer (): Pick<OwnComponent['advertisement'], 'requests' | 'mesh'> {
    const { host, revision, lists, stated } = this
    const contracts = host.contracts()
    lists.offer(contracts)
    const methods = contracts.flatMap(contract => contract.methods.map(({ name }) => name))
    return {
      requests: [...new Set(methods), HEALTHCHECK],
      mesh: {
        version: MESH_VERSION,
        revision,
        hash: lists.own?.hash,
        list: lists.own && tellList(lists.own.text),
        name: shortName(host),
        ...stated,
        ...host.isObserver === true ? { observer: true } : {}
      }
    }
  }

  /** Some peers are not waited for after a while, and nothing tells when. */
  private async waitFor (drain: Drain): Promise<void> {
    this.idleCheck = setInterval(() => drain.check(), IDLE_CHECK_MS)
    await drain.wait()
    clearInterval(this.idleCheck)
  }

  private accept (socket: Socket, provenKeys: readonly string[] | undefined, visitor: Visitor): void {
    const connection = new InboundConnection(socket, {
      ...this.limits,
      key: this.host.key,
      now: clockOfNode(this.host),
      subscribers: this.subscribers,
      errorClasses: this.host.errorClasses,
      provenKeys,
      isProven: isEncrypted(socket),
      visitor,
      onRequest: (call, from) => this.onRequest(from, call),
      onSubscribed: () => this.pathSubscribers.forget(),
      onIdle: () => this.idle.check(),
      onClose: closed => {
        this.connections.delete(closed)
        this.pathSubscribers.forget()
        this.limits.visits.leave(closed)
        const lost = this.subscribers.part(closed)
        if (lost.length > 0) this.host.memberLost?.(lost)
        this.idle.check()
        this.gone.check()
      }
    })
    this.connections.add(connection)
  }

  private onRequest (connection: InboundConnection, call: IncomingCall): void {
    const { method, data } = call.request
    if (method === CALLER) {
      connection.introduce(data)
      return call.reply(null, { id: this.host.id, hash: this.lists.own?.hash, ...clockOf(this.host) })
    }
    if (method === CANCEL) return connection.cancel(data)
    if (method === DONE) return connection.onPeerDone()
    if (method === HELLOS) return call.reply(null, this.limits.visits.receive(connection, data))
    // The answer to the question for contracts tells which node this is.
    if (method !== CONTRACTS && !connection.identity.means(this.host.id)) return this.refuseMisdirected(call)
    if (method === CONTRACTS) this.takeList(connection, data)
    const { revision, lists } = this
    if (!answerControl(call, this.host, { revision, lists }, connection)) this.host.serve(call)
  }

  /** Who asks for lists may give the one that this node would ask for next. */
  private takeList ({ caller: { node = '', address } }: InboundConnection, data: unknown): void {
    const text = readGiven(data)
    if (text !== undefined) this.limits.lists.receive(text, { id: node, address })
  }

  /** The node that was meant is gone, and this one has its address: nothing ran here, nor there. */
  private refuseMisdirected (call: IncomingCall): void {
    this.host.onRejected?.('misdirected', call.caller?.address ?? '')
    call.reply(new RequestRefused(notHosted(failedCallOf(call.request))))
  }

  /** Whether subscribers have not read to the end yet. */
  private hasListeners (): boolean {
    for (const connection of this.connections) if (connection.reads()) return true
    return false
  }

  /** Asked after each reply while this node drains. A copy of all connections would cost more than the reply. */
  private isIdle (): boolean {
    for (const connection of this.connections) if (connection.isInUse) return false
    return true
  }
}

function shortName ({ name }: TransportHost): string | undefined {
  return name !== undefined && Buffer.byteLength(name) <= MAX_TOLD_NAME ? name : undefined
}
