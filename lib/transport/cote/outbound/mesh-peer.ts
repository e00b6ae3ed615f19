import { Backoff } from '../../session/backoff'
import { ContractExchange } from '../../session/contract-exchange'
import { CONTRACTS, SUBSCRIBE } from '../../session/control'
import { Subscriptions, type KeptSubscriptions } from '../../session/subscriptions'
import type { LeaveReason, Peer, ReplyHandler, Request, TransportHost } from '../../transport'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { nodeKeyOf } from '../discovery/hello'
import { logOffer } from '../discovery/discovery-log'
import { ConnectionPool } from './connection-pool'
import type { CotePeer, PeerOptions } from './cote-peer'
import { Departure } from './departure'
import { Liveness } from './liveness'
import { OutboundConnection } from './outbound-connection'
import { PeerPlaces, placeOfComponent, type Place } from './peer-places'

/** Another mesh node: what it offers, and the connection to it, which is opened when it is needed. */
export class MeshPeer implements CotePeer {
  readonly id: string
  readonly key: string
  private readonly pool = new ConnectionPool((turn, place) => this.makeConnection(turn, place))
  private readonly backoff = new Backoff()
  private readonly liveness = new Liveness({
    dial: () => this.pool.dial(this.places.next()),
    onDead: fresh => this.replace(fresh),
    onPong: (connection, answer) => this.subscriptions.check(connection, answer)
  })
  private readonly departure = new Departure()
  private readonly places: PeerPlaces
  private readonly contracts: ContractExchange
  private readonly subscriptions: Subscriptions
  /** The connection on which the contracts were asked for last. */
  private asked: OutboundConnection | undefined
  private left = false
  private latest: RemoteComponent

  constructor (
    component: RemoteComponent, private readonly host: TransportHost, private readonly options: PeerOptions
  ) {
    // Mesh nodes announce themselves by their own id; the id that a hello goes by is the one that a goodbye takes back.
    this.id = component.iid
    this.latest = component
    this.places = new PeerPlaces(placeOfComponent(component))
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
    this.subscriptions = this.makeSubscriptions()
  }

  /** Its latest hello. */
  get component (): RemoteComponent {
    return this.latest
  }

  /** What to keep of it if it is lost. */
  get kept (): KeptSubscriptions {
    return this.subscriptions.kept
  }

  /** Whether a hello or goodbye is not one of the node that is connected, although it has the same id. */
  isAnother (component: RemoteComponent): boolean {
    return this.isConnected && component.pid !== this.latest.pid
  }

  /**
   * Takes a hello of the peer, and asks for its contracts when they are not the ones known. A connection that works
   * stays where it is, wherever the hello comes from.
   */
  update (component: RemoteComponent): void {
    if (this.isAnother(component)) return this.options.onRejected('claimedId', component.address, `node ${this.id}`)
    const place = placeOfComponent(component)
    this.latest = component
    if (this.isConnected) this.places.remember(place)
    else if (this.places.use(place)) this.reconnect()
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

  async depart (): Promise<void> {
    const { pool, subscriptions } = this
    await pool.depart(connection => subscriptions.isFedBy(connection), subscriptions.peerCounts)
  }

  checkDeparture (): void {
    const { pool, subscriptions } = this
    this.departure.check(pool.open.filter(connection => subscriptions.isFedBy(connection)))
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
    this.backoff.stop()
  }

  private requestOwn (method: string, data: unknown, handler: ReplyHandler): void {
    this.pool.requestOwn(this.connected(), { method, key: this.key, path: '', data }, handler)
  }

  private makeSubscriptions (): Subscriptions {
    const { key, host, options: { interest, isReturning, kept } } = this
    return new Subscriptions({
      key,
      interest,
      isReturning,
      kept,
      source: () => this.connected(),
      send: (source, data, params, { settle, fail }) => {
        // The sources of its events are its connections.
        const connection = source as OutboundConnection
        const request = { method: SUBSCRIBE, key, path: '', data, params: { ...params } }
        this.pool.requestOwn(connection, request, {
          settle: (error, answer) => error === null ? settle(answer) : fail(),
          fail: ({ message }) => {
            debug('node %s: %s', this.id, message)
            fail()
          }
        })
      },
      onEvent: message => host.receive(message),
      onReleased: connection => (connection as OutboundConnection).drain()
    })
  }

  private onContracts (peer: Peer): void {
    logOffer(peer)
    this.host.joined(peer)
    this.syncSubscriptions()
  }

  /** Returns whether only the connection was given up, for one that works. */
  private onContractsFailure (reason: string): boolean {
    debug('node %s: %s', this.id, reason)
    const { current } = this.pool
    if (current === undefined || current.closed) {
      if (current?.opened === false && this.places.fail(current.place)) return true
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
    const connection = this.pool.current = this.pool.dial()
    if (this.subscriptions.isActive) this.syncSubscriptions()
    return connection
  }

  /** Whether the connection in use works, as far as this side knows. */
  private get isConnected (): boolean {
    return this.pool.usable?.opened === true
  }

  private makeConnection (turn: number, { address, port }: Place = this.places.current): OutboundConnection {
    const connection = new OutboundConnection({
      ...this.options,
      turn,
      address,
      port,
      key: this.key,
      introduction: { node: this.host.id, key: this.host.key },
      isMeshNode: true,
      errorClasses: this.host.errorClasses,
      onEvent: message => this.subscriptions.receive(connection, message),
      onGoodbye: last => {
        this.subscriptions.finish(connection, last)
        this.leave('goodbye')
      },
      onLateReply: () => this.host.onRejected?.('lateReply', this.latest.address),
      onClose: opened => this.onConnectionClosed(connection, opened)
    })
    return connection
  }

  /** The peer has another address, or the mesh another secret. Requests that wait may still get their replies. */
  private reconnect (): void {
    const { pool, pool: { current }, subscriptions } = this
    pool.current = undefined
    if (current !== undefined && subscriptions.isFedBy(current)) current.listenToEnd(subscriptions.peerCounts)
    else current?.drain()
    this.syncSubscriptions()
  }

  /** The peer answers on this connection and not on the one in use. */
  private replace (fresh: OutboundConnection): void {
    debug('node %s answers on a new connection only', this.id)
    const { current } = this.pool
    this.pool.current = fresh
    this.places.use(fresh.place)
    current?.destroy()
    this.syncSubscriptions()
  }

  /** Either the peer is gone, or only the connection. Asking again tells which. */
  private onConnectionClosed (connection: OutboundConnection, opened: boolean): void {
    const { pool } = this
    pool.delete(connection)
    this.liveness.closed(connection)
    this.subscriptions.close(connection)
    if (!opened && pool.current !== connection) this.places.fail(connection.place)
    if (pool.current !== connection) return
    pool.current = undefined
    if (this.left || connection.ended) return
    if (!opened && !this.places.fail(connection.place)) return this.leave('lost')
    this.backoff.retry(connection.startedAt, () => this.contracts.fetch())
  }
}
