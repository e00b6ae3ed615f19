import { gapEvent } from '../../messages/event'
import { Backoff } from '../../session/backoff'
import { ContractExchange } from '../../session/contract-exchange'
import { CONTRACTS, PING, SUBSCRIBE } from '../../session/control'
import { Subscriptions } from '../../session/subscriptions'
import type { LeaveReason, Peer, ReplyHandler, Request, TransportHost } from '../../transport'
import { placeOf } from '../addresses'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { nodeKeyOf } from '../discovery/hello'
import { logOffer } from '../discovery/discovery-log'
import { ConnectionPool } from './connection-pool'
import type { CotePeer, PeerOptions } from './cote-peer'
import { Liveness } from './liveness'
import { OutboundConnection } from './outbound-connection'
import { SignsOfLife } from './signs-of-life'
import { DEFAULT_SILENCE_MS } from './silence-watch'

/** How often a node may close the connection before it has told what it offers. */
const MAX_HANG_UPS = 3
const HANGS_UP = 'it closes each connection before it tells what it offers'

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
  /** Whether it has told what it offers: before, it may be any program that listens on that port. */
  private joined = false
  /** How often it has closed the connection before that. */
  private hangUps = 0
  private readonly signs = new SignsOfLife()
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
      onOtherNode: () => this.leave('goodbye'),
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

  /** Whether it has ever told what it offers. */
  get hasJoined (): boolean {
    return this.joined
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
    this.signs.look(current)
    if (current !== undefined && (current.waiting > 0 || subscriptions.isActive)) liveness.check(current)
    else liveness.stop()
  }

  checkSilence (): void {
    if (this.pool.checkSilence() && !this.joined && !this.left) this.giveUp('it does not answer')
  }

  /**
   * No hello of it came for a while. Resolves to whether it is there nevertheless: bytes came from it within this time,
   * or come now. It is asked for its contracts as well, as hellos would tell of others.
   */
  async isThere (withinMs: number): Promise<boolean> {
    if (this.left || !this.joined) return false
    this.contracts.fetch()
    const connection = this.connected()
    if (this.signs.came(connection, withinMs)) return true
    const patienceMs = Math.min(withinMs, this.host.silenceTimeout ?? DEFAULT_SILENCE_MS)
    return await this.signs.wait(connection, patienceMs, handler => {
      this.pool.requestOwn(connection, { method: PING, key: this.key, path: '' }, handler)
    })
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
    this.signs.stop()
    this.backoff.stop()
  }

  private requestOwn (method: string, data: unknown, handler: ReplyHandler): void {
    this.pool.requestOwn(this.connected(), { method, key: this.key, path: '', data }, handler)
  }

  private onContracts (peer: Peer): void {
    logOffer(peer)
    this.joined = true
    this.options.onJoined?.()
    this.host.joined(peer)
    this.syncSubscriptions()
  }

  /** Returns whether only the connection was given up, for one that works. */
  private onContractsFailure (reason: string): boolean {
    debug('node %s: %s', this.id, reason)
    const { current } = this.pool
    if (current === undefined || current.closed) {
      if (current?.opened === true) this.leave('lost')
      else this.giveUp(current?.failure ?? reason)
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

  /** It can't be reached; who makes calls may want to know why. */
  private giveUp (reason: string): void {
    const { address, advertisement: { port = 0 } } = this.latest
    this.options.onUnreachable?.(placeOf(address, port), reason)
    this.leave('lost')
  }

  /** Either the peer is gone, or only the connection. Asking again tells which. */
  private onConnectionClosed (connection: OutboundConnection, opened: boolean): void {
    const { pool } = this
    pool.delete(connection)
    this.liveness.closed(connection)
    if (pool.current !== connection) return
    this.disconnect()
    if (this.left || connection.ended) return
    if (!opened) return this.giveUp(connection.failure ?? 'it broke before it was there')
    if (!this.joined && ++this.hangUps >= MAX_HANG_UPS) return this.giveUp(HANGS_UP)
    this.backoff.retry(connection.startedAt, () => this.contracts.fetch())
  }
}
