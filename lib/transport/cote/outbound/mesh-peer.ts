import { readTime } from '../../../clock'
import { fieldsOf } from '../../../record'
import { contain } from '../../boundary'
import { clockOfNode } from '../../node-clock'
import { Backoff } from '../../session/backoff'
import { PeerClock } from '../../session/clocks/peer-clock'
import { CONTRACTS, nameField, PING } from '../../session/control'
import type { KeptSubscriptions, PeerSubscriptions } from '../../session/events/subscriptions-options'
import type { LeaveReason, Peer, ReplyHandler, Request, TransportHost } from '../../transport'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import { isOvertaken, nodeKeyOf } from '../discovery/hello'
import { logOffer } from '../discovery/discovery-log'
import { ConnectionPool } from './connection-pool'
import type { CotePeer, PeerOptions } from './cote-peer'
import { OutboundConnection } from './outbound-connection'
import { PeerContracts } from './peer-contracts'
import { PeerPlaces, placeOfComponent, type Place } from './peer-places'
import { PeerReach } from './peer-reach'
import { subscribeTo } from './peer-subscriptions'
import { PeerWatch } from './watch/peer-watch'

const SILENT = 'it does not answer'

/** Another mesh node: what it offers, and the connection to it, which is opened when it is needed. */
export class MeshPeer implements CotePeer {
  readonly id: string
  readonly key: string
  /** Whether it has joined, and has ever answered. */
  readonly reach: PeerReach
  private readonly pool = new ConnectionPool(place => this.makeConnection(place))
  private readonly backoff = new Backoff()
  private readonly watch: PeerWatch
  private readonly places: PeerPlaces
  readonly clock: PeerClock
  private readonly contracts: PeerContracts
  private readonly subscriptions: PeerSubscriptions
  private left = false
  private latest: RemoteComponent

  constructor (
    component: RemoteComponent, private readonly host: TransportHost, private readonly options: PeerOptions
  ) {
    // Mesh nodes announce themselves by their own id; the id that a hello goes by is the one that a goodbye takes back.
    this.id = component.iid
    this.latest = component
    this.places = new PeerPlaces(placeOfComponent(component))
    this.reach = new PeerReach(this.places, options)
    this.key = nodeKeyOf(component.advertisement)
    this.watch = new PeerWatch({
      key: this.key,
      pool: this.pool,
      silenceTimeout: host.silenceTimeout,
      dial: () => this.pool.dial(this.places.next()),
      onDead: fresh => this.replace(fresh),
      onPong: (connection, answer) => this.subscriptions.check(connection, answer)
    })
    this.clock = new PeerClock(() => this.pool.sendHeld(), clockOfNode(host))
    this.contracts = new PeerContracts({
      id: this.id,
      key: this.key,
      host,
      lists: options.shared.lists,
      pool: this.pool,
      reach: this.reach,
      backoff: this.backoff,
      isClosed: options.shared.security.hellos.isClosed,
      address: () => this.latest.address,
      told: () => this.latest.advertisement.mesh,
      isConnected: () => this.isConnected,
      connected: () => this.connected(),
      maxMessageSize: options.shared.maxMessageSize,
      request: (question, handler) => this.requestOwn(CONTRACTS, question, handler),
      onContracts: peer => this.onContracts(peer),
      onOtherNode: id => this.onOtherNode(id),
      onLost: () => this.leave('lost'),
      onUnreachable: reason => this.giveUp(reason)
    })
    const { interest, isReturning, kept } = options
    const { id, key, pool } = this
    const source = (): OutboundConnection => this.connected()
    this.subscriptions = subscribeTo({ id, key, pool, host, interest, isReturning, kept, source })
  }

  /** Its latest hello. */
  get component (): RemoteComponent { return this.latest }

  /** What to keep of it if it is lost. */
  get kept (): KeptSubscriptions { return this.subscriptions.kept }

  /** Whether a hello or goodbye is not one of the node that is connected, although it has the same id. */
  isAnother (component: RemoteComponent): boolean {
    return this.isConnected && component.pid !== this.latest.pid
  }

  /** Takes a hello of the peer. A connection that works stays where it is, wherever the hello comes from. */
  update (component: RemoteComponent): void {
    const { shared: { onRejected } } = this.options
    if (this.isAnother(component)) return onRejected('claimedId', component.address, `node ${this.id}`)
    if (isOvertaken(component, this.latest)) return
    const place = placeOfComponent(component)
    this.latest = component
    if (this.isConnected) this.places.remember(place)
    else if (this.places.use(place)) this.reconnect()
    this.contracts.follow(component)
  }

  request (request: Request, handler: ReplyHandler): number {
    return this.connected().request(request, handler)
  }

  readClock (now: number): void { this.clock.read(now) }

  cancel (requestId: number): void { this.pool.cancel(requestId) }

  syncSubscriptions (): void { if (!this.left) this.subscriptions.sync(this.contracts.contracts) }

  settled (): Promise<void> { return this.subscriptions.settled() }

  checkAlive (): boolean {
    this.subscriptions.retry(this.contracts.contracts)
    const { pool, options: { shared: { security } } } = this
    if (pool.current !== undefined && pool.current.credential !== security.credential()) this.reconnect()
    this.watch.check(this.subscriptions.isActive)
    return pool.open.length > 0
  }

  checkSilence (): void {
    const { pool, reach } = this
    if (!pool.checkSilence() || reach.hasAnswered || this.left) return
    if (!reach.mayWait()) return this.giveUp(SILENT)
    reach.tell(SILENT)
    pool.current?.failHeld(SILENT)
  }

  /**
   * No hello of it came for a while. Resolves to whether it is there nevertheless: bytes came from it within this time,
   * or come now. It is asked for its contracts as well, as hellos would tell of others.
   */
  async isThere (withinMs: number): Promise<boolean> {
    if (this.left || !this.reach.hasJoined) return false
    this.contracts.fetch()
    return await this.watch.isThere(this.connected(), withinMs)
  }

  closeIdle (now: number): void {
    // Events may come although no request is sent.
    if (!this.subscriptions.isActive) this.pool.closeIdle(now, this.options.shared.idleTimeout)
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
    await pool.depart(connection => subscriptions.isFedBy(connection), () => subscriptions.peerCounts)
  }

  checkDeparture (): void {
    const { pool, subscriptions } = this
    this.watch.checkDeparture(pool.open.filter(connection => subscriptions.isFedBy(connection)))
  }

  async drain (): Promise<void> {
    this.stop()
    // Nobody calls a node that never told what it offers, and it may never answer.
    if (!this.reach.hasJoined) this.pool.destroy()
    await this.pool.drain()
  }

  destroy (): void {
    this.stop()
    this.pool.destroy()
  }

  private stop (): void {
    this.left = true
    this.subscriptions.leave?.()
    this.contracts.stop()
    this.watch.stop()
    this.backoff.stop()
  }

  private requestOwn (method: string, data: unknown, handler: ReplyHandler): void {
    const request = { method, key: this.key, path: '', data }
    this.pool.requestOwn(this.connected(), request, this.clock.readingFrom(handler))
  }

  /** The answer to the introduction: by the peer, or by another node at its address. */
  private onIntroduced (answer: unknown): void {
    const { id, now, hash } = fieldsOf(answer)
    if (id !== undefined && id !== this.id) return this.onOtherNode(nameField({ id }, 'id'))
    if (readTime(now) !== undefined) this.clock.replace(now)
    // Any program may answer something.
    if (id !== undefined) this.contracts.introduced(hash)
  }

  /** @param id - undefined for one that is no name: nobody makes a text of it, which could have no end */
  private onOtherNode (id: string | undefined): void {
    if (!this.left && id !== undefined) this.options.onOtherNode?.(id)
    this.leave('goodbye')
  }

  private onContracts (peer: Peer): void {
    logOffer(peer)
    this.reach.hasJoined = true
    this.options.onJoined?.()
    contain(this.options.shared.onRejected, this.latest.address, () => this.host.joined(peer))
    this.syncSubscriptions()
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

  private makeConnection ({ address, port }: Place = this.places.current): OutboundConnection {
    this.options.onDial?.()
    const connection = new OutboundConnection({
      ...this.options.shared,
      address, port,
      peerId: this.id,
      key: this.key,
      introduction: { node: this.host.id, key: this.host.key, to: this.id },
      answersIntroduction: this.latest.advertisement.mesh?.tellsClock,
      clock: this.clock,
      onIntroduced: answer => this.onIntroduced(answer),
      onLate: now => this.clock.refuted(now, {
        fetch: () => this.contracts.fetch(),
        ping: proof => this.requestOwn(PING, proof, { settle: () => {}, fail: () => {} })
      }),
      isMeshNode: true,
      errorClasses: this.host.errorClasses,
      onEvent: (message, bytes) => this.subscriptions.receive(connection, message, bytes),
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
    if (current !== undefined && subscriptions.isFedBy(current)) current.listenToEnd(() => subscriptions.peerCounts)
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

  private giveUp (reason: string): void {
    this.reach.tell(reason)
    this.leave('lost')
  }

  /** Either the peer is gone, or only the connection. Asking again tells which. */
  private onConnectionClosed (connection: OutboundConnection, opened: boolean): void {
    const { pool } = this
    pool.delete(connection)
    this.watch.closed(connection)
    this.subscriptions.close(connection)
    if (!opened && pool.current !== connection) this.places.fail(connection.place)
    if (pool.current !== connection) return
    pool.current = undefined
    if (this.left || connection.ended) return
    const reason = this.reach.whyGivenUp(connection, opened)
    if (reason !== undefined) return this.giveUp(reason)
    this.backoff.retry(connection.startedAt, () => this.contracts.fetch())
  }
}
