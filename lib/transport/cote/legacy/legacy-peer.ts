import { HEALTHCHECK, type Contract } from '../../../contract/contract'
import type { LeaveReason, ReplyHandler, Request, TransportHost } from '../../transport'
import { TransportError } from '../../transport'
import { isRecord } from '../../../record'
import { SERVICE, SERVICE_REMOVED } from '../discovery/component-names'
import { Backoff } from '../../session/backoff'
import { NO_REQUEST } from '../../session/pending-calls'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { ConnectionPool } from '../outbound/connection-pool'
import { OutboundConnection } from '../outbound/outbound-connection'
import type { CotePeer, PeerOptions } from '../outbound/cote-peer'
import { tellOffer } from '../discovery/status-log'
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

/** So many services of an old node are known, which may tell ever others. */
const MAX_SERVICES = 10_000

/** A node of feathers-distributed: a connection for its calls, one for its services, one for its events. */
export class LegacyPeer implements CotePeer {
  private readonly components = new Map<LegacyComponent, RemoteComponent>()
  private readonly descriptors = new Map<string, unknown>()
  /** The connections for calls. */
  private readonly pool = new ConnectionPool(turn => this.makeConnection(turn))
  private services: LegacySubscription | undefined
  private telling: NodeJS.Immediate | undefined
  private events: LegacySubscription | undefined
  private left = false
  private readonly servicesBackoff = new Backoff()
  private readonly eventsBackoff = new Backoff()
  private readonly inquiry: Inquiry

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
      if (moved && before !== undefined) this.pool.current?.end()
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
    const connection = this.connected()
    if (connection !== undefined) return connection.request(request, handler)
    queueMicrotask(() => handler.fail(new TransportError(`node ${this.id} has no responder`, 'not-sent')))
    return NO_REQUEST
  }

  cancel (requestId: number): void {
    this.pool.cancel(requestId)
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
          if (!this.left) this.eventsBackoff.retry(feed.startedAt, () => this.syncSubscriptions())
        }
      })
    }
  }

  closeIdle (now: number): void {
    const { current } = this.pool
    if (current === undefined || current.waiting > 0) return
    if (now - current.lastUsed > this.options.idleTimeout) current.end()
  }

  leave (reason: LeaveReason): void {
    if (this.left) return
    this.destroy()
    debug('feathers-distributed node %s left: %s', this.id, reason)
    this.options.onLeave(reason)
  }

  async drain (): Promise<void> {
    this.stop()
    await this.pool.drain()
  }

  destroy (): void {
    this.stop()
    this.pool.destroy()
  }

  private stop (): void {
    this.left = true
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
        if (opened) this.servicesBackoff.retry(feed.startedAt, () => this.followServices())
        else this.leave('lost')
      }
    })
  }

  /** A service that it removed while there was no connection is told by nobody: it is asked for what it had. */
  private verify (): void {
    const connection = this.connected()
    if (connection === undefined) return
    for (const [path, descriptor] of this.descriptors) {
      this.pool.ask(connection, { method: HEALTHCHECK, key: this.key, path }, {
        settle: error => {
          // It may have told of the service again meanwhile.
          if (error === null || this.descriptors.get(path) !== descriptor) return
          this.descriptors.delete(path)
          this.tell()
        },
        fail: () => {}
      })
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
    tellOffer(this.id, contracts)
    this.host.joined({ id: this.id, key: this.key, contracts })
    this.syncSubscriptions()
  }

  private connected (): OutboundConnection | undefined {
    const { pool } = this
    if (pool.usable !== undefined || !this.components.has('responder')) return pool.usable
    return pool.current = pool.dial()
  }

  private makeConnection (turn: number): OutboundConnection {
    const { address = '', advertisement } = this.components.get('responder') ?? {}
    const connection = new OutboundConnection({
      ...this.options,
      turn,
      address,
      port: advertisement?.port ?? 0,
      key: this.key,
      isMeshNode: false,
      // It sends events to subscribers only, and says goodbye by UDP.
      onEvent: () => {},
      onGoodbye: () => {},
      onLateReply: () => this.host.onRejected?.('lateReply', address),
      onClose: opened => {
        this.pool.delete(connection)
        if (!opened && this.pool.current === connection) this.leave('lost')
      }
    })
    return connection
  }

  private follow (
    { address, advertisement }: RemoteComponent, handlers: Pick<LegacySubscriptionOptions, 'onOpen' | 'onMessage' | 'onClose'>
  ): LegacySubscription {
    return new LegacySubscription({ ...this.options, address, port: advertisement.port ?? 0, ...handlers })
  }
}
