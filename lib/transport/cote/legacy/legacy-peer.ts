import { HEALTHCHECK, type Contract } from '../../../contract/contract'
import type { LeaveReason, ReplyHandler, Request, TransportHost } from '../../transport'
import { TransportError } from '../../transport'
import { isRecord } from '../../../record'
import { SERVICE, SERVICE_REMOVED } from '../discovery/hello'
import { Backoff } from '../../session/backoff'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { OutboundConnection } from '../outbound/outbound-connection'
import type { CotePeer, PeerOptions } from '../outbound/cote-peer'
import { logOffer } from '../discovery/discovery-log'
import { fromDescriptor } from './legacy-descriptor'
import { LegacySubscription, type LegacySubscriptionOptions } from './legacy-subscription'
import { Inquiry } from './inquiry'
import { fromWireEvent } from './wire-event'

/** The components of an old node that this node connects to. */
export type LegacyComponent = 'responder' | 'services' | 'events'

export interface LegacyPeerOptions extends PeerOptions {
  /** Makes old nodes tell their services to all who are connected to them. */
  readonly askServices: () => void
}

const NO_REQUEST = -1

/** So many services of an old node are known, which may tell ever others. */
const MAX_SERVICES = 10_000

/** A node of feathers-distributed: a connection for its calls, one for its services, one for its events. */
export class LegacyPeer implements CotePeer {
  private readonly components = new Map<LegacyComponent, RemoteComponent>()
  private readonly descriptors = new Map<string, unknown>()
  private link: OutboundConnection | undefined
  /** All connections for calls that are not closed: one may end while the next is in use. */
  private readonly links = new Set<OutboundConnection>()
  private turn = 0
  private services: LegacySubscription | undefined
  private telling: NodeJS.Immediate | undefined
  private events: LegacySubscription | undefined
  private left = false
  private readonly servicesBackoff = new Backoff()
  private readonly eventsBackoff = new Backoff()
  private readonly inquiry: Inquiry
  /** Requests of this node's own; nobody waits for their answers when it leaves. */
  private readonly questions = new Set<number>()

  constructor (
    readonly id: string, readonly key: string,
    private readonly host: TransportHost, private readonly options: LegacyPeerOptions
  ) {
    this.inquiry = new Inquiry(options.askServices)
  }

  /** Takes a hello of one of its components. */
  update (kind: LegacyComponent, component: RemoteComponent): void {
    const before = this.components.get(kind)
    this.components.set(kind, component)
    const moved = before?.address !== component.address || before.advertisement.port !== component.advertisement.port
    if (kind === 'responder') {
      if (moved && before !== undefined) this.link?.end()
      this.tell()
    } else if (kind === 'services') {
      if (moved) this.services?.destroy()
      this.followServices()
    } else {
      if (moved) this.events?.destroy()
      this.syncSubscriptions()
    }
  }

  /** Nothing was heard of one of its components: no other one is waited for, as its next hello brings it back. */
  remove (kind: LegacyComponent, { iid }: RemoteComponent): void {
    if (this.components.get(kind)?.iid === iid) this.leave('silent')
  }

  request (request: Request, handler: ReplyHandler): number {
    const link = this.connected()
    if (link !== undefined) return link.request(request, handler)
    queueMicrotask(() => handler.fail(new TransportError(`node ${this.id} has no responder`, 'not-sent')))
    return NO_REQUEST
  }

  cancel (requestId: number): void {
    for (const link of this.links) link.cancel(requestId)
  }

  syncSubscriptions (): void {
    const wanted = this.contracts().some(({ path }) => this.options.interest.has(path))
    const component = this.components.get('events')
    if (this.left || component === undefined) return
    if (!wanted) {
      this.events?.destroy()
    } else if (this.events === undefined) {
      const feed = this.events = this.follow(component, {
        onMessage: (event, data) => {
          const message = fromWireEvent(event, data)
          if (message !== undefined) this.host.receive(message)
        },
        onClose: () => {
          this.events = undefined
          // Whether it is gone tells the services publisher; where nobody listens any more this ends.
          if (!this.left) this.eventsBackoff.again(feed.startedAt, () => this.syncSubscriptions())
        }
      })
    }
  }

  closeIdle (now: number): void {
    const { link } = this
    if (link !== undefined && link.waiting === 0 && now - link.lastUsed > this.options.idleTimeout) link.end()
  }

  leave (reason: LeaveReason): void {
    if (this.left) return
    this.destroy()
    debug('feathers-distributed node %s left: %s', this.id, reason)
    this.options.onLeave(reason)
  }

  async drain (): Promise<void> {
    this.left = true
    this.closeFeeds()
    for (const question of this.questions) this.cancel(question)
    const open = [...this.links].filter(({ closed }) => !closed)
    for (const link of open) link.end()
    await Promise.all(open.map(async link => await link.whenClosed))
  }

  destroy (): void {
    this.left = true
    this.closeFeeds()
    for (const link of this.links) link.destroy()
  }

  private closeFeeds (): void {
    this.inquiry.end()
    this.servicesBackoff.stop()
    this.eventsBackoff.stop()
    this.services?.destroy()
    this.events?.destroy()
  }

  /** An old node says what it hosts to whoever is connected to its services publisher. */
  private followServices (): void {
    const component = this.components.get('services')
    if (this.left || component === undefined || this.services !== undefined) return
    const feed = this.services = this.follow(component, {
      onOpen: () => {
        this.inquiry.begin()
        this.verify()
      },
      onMessage: (event, data) => this.onService(event, data),
      onClose: opened => {
        this.services = undefined
        this.inquiry.end()
        // This connection stays as long as its node, so it tells first that the node is gone.
        if (this.left) return
        if (opened) this.servicesBackoff.again(feed.startedAt, () => this.followServices())
        else this.leave('lost')
      }
    })
  }

  /** What it took off while there was no connection nobody tells of: it is asked for what it had. */
  private verify (): void {
    for (const [path, descriptor] of this.descriptors) {
      const question = this.request({ method: HEALTHCHECK, key: this.key, path }, {
        settle: error => {
          this.questions.delete(question)
          // It may have told of the service anew meanwhile.
          if (error === null || this.descriptors.get(path) !== descriptor) return
          this.descriptors.delete(path)
          this.tell()
        },
        fail: () => this.questions.delete(question)
      })
      this.questions.add(question)
    }
  }

  private onService (event: string, data: unknown): void {
    if (!isRecord(data) || data.uuid !== this.id || typeof data.path !== 'string') return
    if (event === SERVICE) this.take(data.path, data)
    else if (event === SERVICE_REMOVED) this.descriptors.delete(data.path)
    this.inquiry.hear()
    // Once for all that come together: it is as much work for one of a thousand services as for all of them.
    this.telling ??= setImmediate(() => {
      this.telling = undefined
      this.tell()
    })
  }

  private take (path: string, descriptor: unknown): void {
    if (this.descriptors.has(path) || this.descriptors.size < MAX_SERVICES) this.descriptors.set(path, descriptor)
    else this.options.onRejected('tooManyServices', this.components.get('services')?.address ?? '')
  }

  private contracts (): Contract[] {
    const answered = this.components.get('responder')?.advertisement.requests ?? []
    return [...this.descriptors.values()]
      .map(descriptor => fromDescriptor(descriptor, answered))
      .filter(contract => contract !== undefined)
  }

  private tell (): void {
    if (this.left || !this.components.has('responder')) return
    const contracts = this.contracts()
    logOffer(this.id, contracts)
    this.host.joined({ id: this.id, key: this.key, contracts })
    this.syncSubscriptions()
  }

  private connected (): OutboundConnection | undefined {
    if (this.link !== undefined && !this.link.closed && !this.link.ended) return this.link
    const component = this.components.get('responder')
    if (component === undefined) return undefined
    const { connectTimeout, maxMessageSize, maxBacklog, security, onRejected } = this.options
    const link: OutboundConnection = new OutboundConnection({
      turn: this.turn++,
      address: component.address,
      port: component.advertisement.port ?? 0,
      key: this.key,
      security,
      onRejected,
      connectTimeout,
      maxMessageSize,
      maxBacklog,
      isMeshNode: false,
      // Old nodes send neither over this connection.
      onEvent: () => {},
      onGoodbye: () => {},
      onLateReply: () => this.host.onRejected?.('lateReply', component.address),
      onClose: opened => {
        this.links.delete(link)
        if (!opened && this.link === link) this.leave('lost')
      }
    })
    this.links.add(link)
    return this.link = link
  }

  private follow (
    { address, advertisement }: RemoteComponent, handlers: Pick<LegacySubscriptionOptions, 'onOpen' | 'onMessage' | 'onClose'>
  ): LegacySubscription {
    return new LegacySubscription({ ...this.options, address, port: advertisement.port ?? 0, ...handlers })
  }
}
