import { readTime } from '../../../clock'
import { fieldsOf } from '../../../record'
import { contain } from '../../boundary'
import { Backoff } from '../../session/backoff'
import { ContractExchange } from '../../session/contract-exchange'
import { PeerClock } from '../../session/clocks/peer-clock'
import { CONTRACTS, PING, SUBSCRIBE } from '../../session/control'
import { Subscriptions, type KeptSubscriptions } from '../../session/subscriptions'
import type { LeaveReason, Peer, ReplyHandler, Request, TransportHost } from '../../transport'
import { placeOf } from '../addresses'
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
import { SignsOfLife } from './signs-of-life'
import { DEFAULT_SILENCE_MS } from './silence-watch'

/** How often a node may close the connection before it has told what it offers. */
const MAX_HANG_UPS = 3
const HANGS_UP = 'it closes each connection before it tells what it offers'

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
  private readonly clock: PeerClock
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
    this.places = new PeerPlaces(placeOfComponent(component))
    this.key = nodeKeyOf(component.advertisement)
    this.clock = new PeerClock(() => this.pool.sendHeld(), host.now?.bind(host))
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
      admit: contracts => host.admit?.(this.id, contracts) ?? contracts,
      onFault: (fault, what) => host.onRejected?.(fault, this.latest.address, `${what} of node ${this.id}`),
      onUnreadable: answer => debug('node %s gave no contracts: %o', this.id, answer),
      onFailure: reason => this.onContractsFailure(reason)
    })
    this.subscriptions = this.makeSubscriptions()
  }

  /** Whether it has ever told what it offers. */
  get hasJoined (): boolean {
    return this.joined
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
    return this.connected().request(request, handler)
  }

  readClock (now: number): void {
    this.clock.read(now)
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
    // Nobody calls a node that never told what it offers, and it may never answer.
    if (!this.joined) this.pool.destroy()
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
    const request = { method, key: this.key, path: '', data }
    this.pool.requestOwn(this.connected(), request, this.clock.readingFrom(handler))
  }

  /** The answer to the introduction: by the peer, or by another node at its address. */
  private onIntroduced (answer: unknown): void {
    const { id = this.id, now } = fieldsOf(answer)
    if (id !== this.id) this.leave('goodbye')
    else if (readTime(now) !== undefined) this.clock.replace(now)
  }

  /** The peer refused a request for its time, so what was known of its clock is wrong. One of 0.1 does not tell it. */
  private onLate (now: number | undefined): void {
    this.clock.replace(now)
    if (now === undefined) this.contracts.fetch()
    else this.requestOwn(PING, { now }, { settle: () => {}, fail: () => {} })
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
    this.joined = true
    this.options.onJoined?.()
    contain(this.options.onRejected, this.latest.address, () => this.host.joined(peer))
    this.syncSubscriptions()
  }

  /** Returns whether only the connection was given up, for one that works. */
  private onContractsFailure (reason: string): boolean {
    debug('node %s: %s', this.id, reason)
    const { current } = this.pool
    if (current === undefined || current.closed) {
      if (current?.opened === false && this.places.fail(current.place)) return true
      if (current?.opened === true) this.leave('lost')
      else this.giveUp(current?.failure ?? reason)
      return false
    }
    if (current !== this.asked) return true
    // Too much waits for the peer: asking at once would not let any of it leave.
    this.backoff.retry(performance.now(), () => this.contracts.fetch())
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
    const { mesh } = this.latest.advertisement
    const connection = new OutboundConnection({
      ...this.options,
      turn,
      address,
      port,
      key: this.key,
      introduction: { node: this.host.id, key: this.host.key },
      answersIntroduction: mesh?.tellsClock,
      clock: this.clock,
      onIntroduced: answer => this.onIntroduced(answer),
      onLate: now => this.onLate(now),
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

  /** It can't be reached; who makes calls may want to know why. */
  private giveUp (reason: string): void {
    const { address, port } = this.places.current
    this.options.onUnreachable?.(placeOf(address, port), reason)
    this.leave('lost')
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
    if (!opened && !this.places.fail(connection.place)) {
      return this.giveUp(connection.failure ?? 'it broke before it was there')
    }
    if (!this.joined && ++this.hangUps >= MAX_HANG_UPS) return this.giveUp(HANGS_UP)
    this.backoff.retry(connection.startedAt, () => this.contracts.fetch())
  }
}
