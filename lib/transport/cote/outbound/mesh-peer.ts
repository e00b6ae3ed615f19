import { contain } from '../../boundary'
import { gapEvent } from '../../messages/event'
import { Backoff } from '../../session/backoff'
import { ContractExchange } from '../../session/contract-exchange'
import { CONTRACTS, SUBSCRIBE } from '../../session/control'
import { Subscriptions } from '../../session/subscriptions'
import type { LeaveReason, Peer, ReplyHandler, Request, TransportHost } from '../../transport'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { nodeKeyOf } from '../discovery/hello'
import { logOffer } from '../discovery/discovery-log'
import { ConnectionPool } from './connection-pool'
import type { CotePeer, PeerOptions } from './cote-peer'
import { Liveness } from './liveness'
import { OutboundConnection } from './outbound-connection'

/** Another mesh node: what it offers, and the connection to it, which is opened when it is needed. */
export class MeshPeer implements CotePeer {
  readonly id: string
  readonly key: string
  private readonly pool = new ConnectionPool(turn => this.makeConnection(turn))
  private readonly backoff = new Backoff()
  private readonly liveness = new Liveness({ dial: () => this.pool.dial(), onDead: fresh => this.replace(fresh) })
  private readonly contracts: ContractExchange
  private readonly subscriptions: Subscriptions
  /** The connection on which the contracts were asked for last. */
  private asked: OutboundConnection | undefined
  private left = false
  private hasAnswered = false
  private latest: RemoteComponent

  constructor (
    component: RemoteComponent, private readonly host: TransportHost, private readonly options: PeerOptions
  ) {
    // Mesh nodes announce themselves by their own id; the id that a hello goes by is the one that a goodbye takes back.
    this.id = component.iid
    this.latest = component
    this.key = nodeKeyOf(component.advertisement)
    this.contracts = new ContractExchange({
      peerId: this.id,
      key: this.key,
      request: handler => {
        this.asked = this.connected()
        this.requestOwn(CONTRACTS, undefined, handler)
      },
      onContracts: peer => this.onContracts(peer),
      onOtherNode: id => {
        options.onOtherNode?.(id)
        this.leave('goodbye')
      },
      onUnreadable: answer => debug('node %s gave no contracts: %o', this.id, answer),
      onFailure: reason => this.onContractsFailure(reason)
    })
    this.subscriptions = new Subscriptions({
      interest: options.interest,
      isReturning: options.isReturning,
      send: (paths, onAnswer, onFailure) => this.requestOwn(SUBSCRIBE, paths, {
        settle: onAnswer,
        fail: ({ message }) => {
          debug('node %s: %s', this.id, message)
          onFailure()
        }
      }),
      onGap: path => host.receive(gapEvent(path, this.key, { reason: 'disconnected' }))
    })
  }

  /** Its latest hello. */
  get component (): RemoteComponent {
    return this.latest
  }

  /** Takes a hello of the peer, and asks for its contracts when they are not the ones known. */
  update (component: RemoteComponent): void {
    const { address, advertisement: { port } } = this.latest
    const moved = component.address !== address || component.advertisement.port !== port
    this.latest = component
    if (moved) this.reconnect()
    this.contracts.update(component.advertisement.mesh?.revision)
  }

  request (request: Request, handler: ReplyHandler): number {
    const { method, key, path, id, data, params, deadline } = request
    const connection = this.connected()
    if (deadline === undefined) return connection.request(request, handler)
    const { clockOffset } = this.contracts
    // Field by field: a spread with a field after it takes as long as all the rest of this.
    return connection.request({ method, key, path, id, data, params, deadline: deadline + clockOffset }, handler)
  }

  cancel (requestId: number): void {
    this.pool.cancel(requestId)
  }

  syncSubscriptions (): void {
    if (!this.left) this.subscriptions.sync(this.contracts.contracts)
  }

  checkAlive (): void {
    this.subscriptions.retry(this.contracts.contracts)
    const { pool, liveness, subscriptions, options: { security } } = this
    if (pool.current !== undefined && pool.current.credential !== security.credential()) this.reconnect()
    const { current } = pool
    if (current !== undefined && (current.waiting > 0 || subscriptions.isActive)) liveness.check(current)
    else liveness.stop()
  }

  closeIdle (now: number): void {
    // Events may come although no request is sent.
    if (!this.subscriptions.isActive) this.pool.closeIdle(now, this.options.idleTimeout)
  }

  leave (reason: LeaveReason): void {
    if (this.left) return
    debug('node %s left: %s', this.id, reason)
    this.stop()
    if (reason !== 'goodbye') this.pool.destroy()
    this.options.onLeave(reason)
  }

  async drain (): Promise<void> {
    this.stop()
    // Nobody calls a node that never told what it offers, and it may never answer.
    if (!this.hasAnswered) this.pool.destroy()
    await this.pool.drain()
  }

  destroy (): void {
    this.stop()
    this.pool.destroy()
  }

  private stop (): void {
    this.left = true
    this.contracts.stop()
    this.liveness.stop()
    this.backoff.stop()
  }

  private requestOwn (method: string, data: unknown, handler: ReplyHandler): void {
    this.pool.requestOwn(this.connected(), { method, key: this.key, path: '', data }, handler)
  }

  private onContracts (peer: Peer): void {
    logOffer(peer)
    this.hasAnswered = true
    this.options.onAnswer?.()
    contain(this.options.onRejected, this.latest.address, () => this.host.joined(peer))
    this.syncSubscriptions()
  }

  /** Returns whether only the connection was given up, for one that works. */
  private onContractsFailure (reason: string): boolean {
    debug('node %s: %s', this.id, reason)
    const { current } = this.pool
    if (current === undefined || current.closed) {
      this.leave('lost')
      return false
    }
    if (current !== this.asked) return true
    // Too much waits for the peer: asking at once would not let any of it leave.
    this.backoff.retry(Date.now(), () => this.contracts.fetch())
    return false
  }

  private connected (): OutboundConnection {
    const { usable } = this.pool
    if (usable !== undefined) return usable
    this.disconnect()
    const connection = this.pool.current = this.pool.dial()
    if (this.subscriptions.hasMissed) this.syncSubscriptions()
    return connection
  }

  private makeConnection (turn: number): OutboundConnection {
    const { address, advertisement: { port = 0 } } = this.latest
    const connection = new OutboundConnection({
      ...this.options,
      turn,
      address,
      port,
      key: this.key,
      introduction: { node: this.host.id, key: this.host.key },
      isMeshNode: true,
      errorClasses: this.host.errorClasses,
      onEvent: message => this.host.receive(message),
      onGoodbye: () => this.leave('goodbye'),
      onLateReply: () => this.host.onRejected?.('lateReply', this.latest.address),
      onClose: opened => this.onConnectionClosed(connection, opened)
    })
    return connection
  }

  /** The peer has another address, or the mesh another secret. Requests that wait may still get their replies. */
  private reconnect (): void {
    const { current } = this.pool
    this.disconnect()
    current?.drain()
    this.syncSubscriptions()
  }

  /** The peer answers on this connection and not on the one in use. */
  private replace (fresh: OutboundConnection): void {
    debug('node %s answers on a new connection only', this.id)
    const { current } = this.pool
    this.disconnect()
    this.pool.current = fresh
    current?.destroy()
    this.syncSubscriptions()
  }

  /** The connection is in use no more, and events are missed until the next one. */
  private disconnect (): void {
    this.pool.current = undefined
    this.subscriptions.disconnect()
  }

  /** Either the peer is gone, or only the connection. Asking again tells which. */
  private onConnectionClosed (connection: OutboundConnection, opened: boolean): void {
    const { pool } = this
    pool.delete(connection)
    this.liveness.closed(connection)
    if (pool.current !== connection) return
    this.disconnect()
    if (this.left || connection.ended) return
    if (!opened) return this.leave('lost')
    this.backoff.retry(connection.startedAt, () => this.contracts.fetch())
  }
}
