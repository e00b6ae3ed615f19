import { HEALTHCHECK, type Contract } from '../../../contract/contract'
import type { LeaveReason, ReplyHandler, Request, TransportHost } from '../../transport'
import { isRecord } from '../../../record'
import { SERVICE, SERVICE_REMOVED } from '../discovery/hello'
import { contain } from '../../boundary'
import { Backoff } from '../../session/backoff'
import { UnsentRequests } from '../../session/requests/unsent-requests'
import { placeOf } from '../addresses'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { ConnectionPool } from '../outbound/connection-pool'
import { OutboundConnection } from '../outbound/outbound-connection'
import type { CotePeer, PeerOptions } from '../outbound/cote-peer'
import { logOffer } from '../discovery/discovery-log'
import { LegacyDescriptors } from './legacy-descriptor'
import { LegacySubscription, type LegacySubscriptionOptions } from './legacy-subscription'
import { Inquiry } from './inquiry'
import { fromWireEvent } from './wire-event'

/** The components of a node of feathers-distributed that this node connects to. */
export type LegacyComponent = 'responder' | 'services' | 'events'

/** What a {@link LegacyPeer} needs of its node. */
export interface LegacyPeerOptions extends PeerOptions {
  /** Makes nodes of feathers-distributed announce their services to all that are connected to them. */
  readonly askServices: () => void
}

/** So many services are looked through in a millisecond or less: one more announcement must not cost more than that. */
const SERVICES_PER_MS = 20

/** A node of feathers-distributed: a connection for its calls, one for its services, one for its events. */
export class LegacyPeer implements CotePeer {
  private readonly components = new Map<LegacyComponent, RemoteComponent>()
  private readonly descriptors = new LegacyDescriptors((fault, what) => {
    this.options.shared.onRejected(fault, this.servicesAddress, `${what} of node ${this.id}`)
  })

  /** The connections for calls. */
  private readonly pool = new ConnectionPool(() => this.makeConnection())
  private readonly unsent = new UnsentRequests()
  private services: LegacySubscription | undefined
  private announcing: NodeJS.Timeout | undefined
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
    // All its components are connected at once.
    options.onDial?.()
  }

  /** Takes a hello of one of its components. */
  update (kind: LegacyComponent, component: RemoteComponent): void {
    const before = this.components.get(kind)
    this.components.set(kind, component)
    const moved = before?.address !== component.address || before.advertisement.port !== component.advertisement.port
    if (kind === 'responder') {
      if (moved && before !== undefined) this.pool.current?.drain()
      this.join()
    } else if (kind === 'services') {
      if (moved) this.services?.destroy()
      this.followServices()
    } else {
      if (moved) this.events?.destroy()
      this.syncSubscriptions()
    }
  }

  /** One of its components is silent. The node is gone then: its next hello brings it back. */
  remove (kind: LegacyComponent, { iid }: RemoteComponent): void {
    if (this.components.get(kind)?.iid === iid) this.leave('silent')
  }

  request (request: Request, handler: ReplyHandler): number {
    const connection = this.connected()
    if (connection !== undefined) return connection.request(request, handler)
    return this.unsent.add(handler, `node ${this.id} has no responder`)
  }

  cancel (requestId: number): void {
    if (!this.unsent.cancel(requestId)) this.pool.cancel(requestId)
  }

  syncSubscriptions (): void {
    const { interest } = this.options
    const contracts = this.contracts()
    const wanted = contracts.some(({ path }) => interest.has(path))
    const component = this.components.get('events')
    if (this.left || component === undefined) return
    const grouped = contracts.find(({ path }) => (interest.groupsOf?.(path, this.key) ?? []).length > 0)
    if (grouped !== undefined) this.host.groupsUnknown?.(this.id, grouped.path)
    if (!wanted) {
      this.events?.destroy()
    } else if (this.events === undefined) {
      const subscription = this.events = this.connectTo(component, {
        onMessage: (event, data) => {
          const message = fromWireEvent(event, data)
          if (message !== undefined) this.host.receive(message)
        },
        onClose: () => {
          this.events = undefined
          // The connection for services shows whether the node is gone.
          if (!this.left) this.eventsBackoff.retry(subscription.startedAt, () => this.syncSubscriptions())
        }
      })
    }
  }

  closeIdle (now: number): void {
    this.pool.closeIdle(now, this.options.shared.idleTimeout)
  }

  leave (reason: LeaveReason): void {
    if (this.left) return
    this.destroy()
    debug('feathers-distributed node %s left: %s', this.id, reason)
    this.options.onLeave(reason)
  }

  async depart (): Promise<void> {
    await this.drain()
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
    clearTimeout(this.announcing)
    this.inquiry.stop()
    this.servicesBackoff.stop()
    this.eventsBackoff.stop()
    this.services?.destroy()
    this.events?.destroy()
  }

  /** A node of feathers-distributed announces its services to all that are connected to its services publisher. */
  private followServices (): void {
    const component = this.components.get('services')
    if (this.left || component === undefined || this.services !== undefined) return
    const subscription = this.services = this.connectTo(component, {
      onOpen: () => {
        this.inquiry.start()
        this.verify()
      },
      onMessage: (event, data) => this.onService(event, data),
      onClose: opened => {
        this.services = undefined
        this.inquiry.stop()
        // This connection lasts as long as its node, so it is the first to show that the node is gone.
        if (this.left) return
        if (opened) this.servicesBackoff.retry(subscription.startedAt, () => this.followServices())
        else this.giveUp(component, subscription.failure)
      }
    })
  }

  /** It can't be reached; who makes calls may want to know why. */
  private giveUp ({ address, advertisement: { port = 0 } }: RemoteComponent, reason = 'it broke'): void {
    this.options.onUnreachable?.(placeOf(address, port), reason)
    this.leave('lost')
  }

  /** Asks for each known service: nobody announces one that was removed while there was no connection. */
  private verify (): void {
    const connection = this.connected()
    if (connection === undefined) return
    for (const path of this.descriptors.paths) {
      const descriptor = this.descriptors.get(path)
      this.pool.requestOwn(connection, { method: HEALTHCHECK, key: this.key, path }, {
        settle: error => {
          // The service may have been announced again meanwhile.
          if (error === null || this.descriptors.get(path) !== descriptor) return
          this.descriptors.delete(path)
          this.join()
        },
        fail: () => {}
      })
    }
  }

  private onService (event: string, data: unknown): void {
    if (!isRecord(data) || data.uuid !== this.id || typeof data.path !== 'string') return
    this.options.onAnswer?.()
    this.options.onJoined?.()
    if (event === SERVICE) this.remember(data.path, data)
    else if (event === SERVICE_REMOVED) this.descriptors.delete(data.path)
    this.inquiry.confirm()
    // Once for all that come together: it takes as much work for one of a thousand services as for all of them.
    this.announcing ??= setTimeout(() => {
      this.announcing = undefined
      this.join()
    }, this.descriptors.size / SERVICES_PER_MS)
  }

  private remember (path: string, descriptor: unknown): void {
    if (!this.descriptors.add(path, descriptor)) this.options.shared.onRejected('tooManyServices', this.servicesAddress)
  }

  private get servicesAddress (): string {
    return this.components.get('services')?.address ?? ''
  }

  private contracts (): Contract[] {
    const answered = this.components.get('responder')?.advertisement.requests ?? []
    return this.descriptors.contracts(answered)
  }

  private join (): void {
    if (this.left || !this.components.has('responder')) return
    const offered = this.contracts()
    const contracts = this.host.admit?.(this.id, offered) ?? offered
    if (contracts.length < offered.length) this.descriptors.clear()
    const peer = { id: this.id, key: this.key, contracts }
    logOffer(peer)
    const { options: { shared }, components } = this
    contain(shared.onRejected, components.get('responder')?.address ?? '', () => this.host.joined(peer))
    this.syncSubscriptions()
  }

  private connected (): OutboundConnection | undefined {
    const { pool } = this
    if (pool.usable !== undefined || !this.components.has('responder')) return pool.usable
    return pool.current = pool.dial()
  }

  private makeConnection (): OutboundConnection {
    const responder = this.components.get('responder')
    const { address = '', advertisement } = responder ?? {}
    const connection = new OutboundConnection({
      ...this.options.shared,
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
        // Once the peer has left, or this node, it is this side that closes the connection.
        if (!opened && !this.left && responder !== undefined && this.pool.current === connection) {
          this.giveUp(responder, connection.failure)
        }
      }
    })
    return connection
  }

  private connectTo (
    { address, advertisement }: RemoteComponent,
    handlers: Pick<LegacySubscriptionOptions, 'onOpen' | 'onMessage' | 'onClose'>
  ): LegacySubscription {
    return new LegacySubscription({ ...this.options.shared, address, port: advertisement.port ?? 0, ...handlers })
  }
}
