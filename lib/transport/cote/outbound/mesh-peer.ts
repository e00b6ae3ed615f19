import type { Contract } from '../../../contract/contract'
import type { EventMessage, LeaveReason, ReplyHandler, Request, TransportHost } from '../../transport'
import { GAP, type EventGap } from '../../transport'
import { CONTRACTS, SUBSCRIBE, readContractsReply } from '../../session/control'
import type { RemoteComponent } from '../discovery/discovery'
import { nodeKeyOf } from '../discovery/hello'
import { OutboundConnection } from './outbound-connection'
import { Liveness } from './liveness'
import { Backoff } from '../../session/backoff'
import type { CotePeer, PeerOptions } from './cote-peer'
import { debug } from '../debug'
import { logOffer } from '../discovery/discovery-log'

/** Another node of our kind: what it offers, and the one connection to it, opened when there is use for it. */
export class MeshPeer implements CotePeer {
  readonly id: string
  readonly key: string
  private link: OutboundConnection | undefined
  /** All connections that are not closed: one may end while the next is in use. */
  private readonly links = new Set<OutboundConnection>()
  private turn = 0
  private readonly backoff = new Backoff()
  private readonly liveness = new Liveness({ dial: () => this.dial(), onDead: fresh => this.replace(fresh) })
  private contracts: readonly Contract[] = []
  private revision = -1
  private fetching = false
  private left = false
  /** What the peer was told that this node listens to, on the connection that is there. */
  private listening: readonly string[] = []
  /** Paths whose events were missed while there was no connection. */
  private missed: readonly string[] = []
  /** Whether nobody was told yet of what was missed before the peer came back. */
  private isReturning: boolean
  /** What the clock of the peer is ahead of this one, in milliseconds. */
  private clockOffset = 0
  /** Forgets a question of this node's own; nobody waits for the answer when it leaves. */
  private readonly questions = new Set<() => void>()
  private latest: RemoteComponent

  constructor (
    component: RemoteComponent, private readonly host: TransportHost, private readonly options: PeerOptions
  ) {
    // Our nodes announce themselves by their own id; the id that a hello goes by is the one that a goodbye takes back.
    this.id = component.iid
    this.latest = component
    this.isReturning = options.isReturning
    this.key = nodeKeyOf(component.advertisement)
  }

  /** What it said of itself last. */
  get component (): RemoteComponent {
    return this.latest
  }

  /** Takes a hello of the peer: asks for its contracts when they are not the ones known. */
  update (component: RemoteComponent): void {
    const { address, advertisement: { port } } = this.component
    const moved = component.address !== address || component.advertisement.port !== port
    this.latest = component
    if (moved) this.moved()
    if (component.advertisement.mesh?.revision !== this.revision) this.fetchContracts()
  }

  request (request: Request, handler: ReplyHandler): number {
    const { method: type, key, path, id, data, params, deadline } = request
    const link = this.connected()
    if (deadline === undefined) return link.request(request, handler)
    // Field by field: a spread with a field after it takes as long as all the rest of this.
    return link.request({ method: type, key, path, id, data, params, deadline: deadline + this.clockOffset }, handler)
  }

  cancel (requestId: number): void {
    for (const link of this.links) link.cancel(requestId)
  }

  /** Tells the peer which of its events this node wants, if that changed. */
  syncSubscriptions (): void {
    const wanted = this.contracts.map(contract => contract.path).filter(path => this.options.interest.has(path))
    if (this.left || wanted.join() === this.listening.join()) return
    this.listening = wanted
    const missed = this.isReturning ? wanted : this.missed
    this.isReturning = false
    this.missed = []
    this.ask(SUBSCRIBE, wanted, {
      settle: () => { for (const path of missed) this.tellGap(path) },
      fail: ({ message }) => debug('node %s: %s', this.id, message)
    })
  }

  checkAlive (): void {
    if (this.link !== undefined && this.link.credential !== this.options.security.credential()) this.moved()
    const { link } = this
    if (link !== undefined && (link.waiting > 0 || this.listening.length > 0)) this.liveness.check(link)
    else this.liveness.stop()
  }

  closeIdle (now: number): void {
    const { link } = this
    if (link === undefined || link.waiting > 0 || this.listening.length > 0) return
    if (now - link.lastUsed > this.options.idleTimeout) link.end()
  }

  leave (reason: LeaveReason): void {
    if (this.left) return
    this.left = true
    debug('node %s left: %s', this.id, reason)
    this.liveness.stop()
    this.backoff.stop()
    if (reason !== 'goodbye') for (const link of this.links) link.destroy()
    this.options.onLeave(reason)
  }

  async drain (): Promise<void> {
    this.left = true
    this.liveness.stop()
    this.backoff.stop()
    for (const forget of this.questions) forget()
    const open = [...this.links].filter(({ closed }) => !closed)
    for (const link of open) link.end()
    await Promise.all(open.map(async link => await link.whenClosed))
  }

  destroy (): void {
    this.left = true
    this.liveness.stop()
    this.backoff.stop()
    for (const link of this.links) link.destroy()
  }

  private fetchContracts (): void {
    if (this.fetching || this.left) return
    this.fetching = true
    const askedAt = Date.now()
    this.ask(CONTRACTS, undefined, {
      settle: (error, value) => {
        this.fetching = false
        const reply = readContractsReply(value)
        if (reply === undefined) return debug('node %s gave no contracts: %o', this.id, error ?? value)
        // Somebody else has its address: it is gone.
        if ((reply.id ?? this.id) !== this.id) return this.leave('goodbye')
        // The peer wrote its clock down somewhere between the two; what was known before is kept if it is possible.
        this.clockOffset = Math.min(reply.now - askedAt, Math.max(reply.now - Date.now(), this.clockOffset))
        this.learn(reply.revision, reply.contracts)
      },
      fail: ({ message }) => {
        debug('node %s: %s', this.id, message)
        this.fetching = false
        // Only the connection was given up, for one that works.
        if (this.link?.closed === false) this.fetchContracts()
        else this.leave('lost')
      }
    })
  }

  private ask (type: string, data: unknown, handler: ReplyHandler): void {
    const link = this.connected()
    const forget = (): void => link.cancel(id)
    const id = link.request({ method: type, key: this.key, path: '', data }, {
      settle: (error, value) => {
        this.questions.delete(forget)
        handler.settle(error, value)
      },
      fail: error => {
        this.questions.delete(forget)
        handler.fail(error)
      }
    })
    this.questions.add(forget)
  }

  private learn (revision: number, contracts: readonly Contract[]): void {
    if (this.left) return
    this.revision = revision
    this.contracts = contracts
    logOffer(this.id, contracts)
    this.host.joined({ id: this.id, key: this.key, contracts })
    this.syncSubscriptions()
    // A hello that came meanwhile may have told of more.
    if (revision < (this.component.advertisement.mesh?.revision ?? 0)) this.fetchContracts()
  }

  private connected (): OutboundConnection {
    if (this.link !== undefined && !this.link.closed && !this.link.ended) return this.link
    this.hangUp()
    const link = this.link = this.dial()
    if (this.missed.length > 0) this.syncSubscriptions()
    return link
  }

  private dial (): OutboundConnection {
    const link = new OutboundConnection({
      ...this.options,
      turn: this.turn++,
      address: this.component.address,
      port: this.component.advertisement.port ?? 0,
      key: this.key,
      introduction: { node: this.host.id, key: this.host.key },
      isMeshNode: true,
      errorClasses: this.host.errorClasses,
      onEvent: (message: EventMessage) => this.host.receive({ ...message, key: this.key }),
      onGoodbye: () => this.leave('goodbye'),
      onLateReply: () => this.host.onRejected?.('lateReply', this.component.address),
      onClose: opened => this.onLinkClosed(link, opened)
    })
    this.links.add(link)
    return link
  }

  /** The peer has another address, or the mesh another secret: what waits for a reply may still get it. */
  private moved (): void {
    const { link } = this
    this.hangUp()
    link?.end()
    this.syncSubscriptions()
  }

  /** The peer answers on this connection and not on the one in use. */
  private replace (fresh: OutboundConnection): void {
    debug('node %s answers on a new connection only', this.id)
    const { link } = this
    this.hangUp()
    this.link = fresh
    link?.destroy()
    this.syncSubscriptions()
  }

  /** The connection is in use no more, and events are missed until the next one. */
  private hangUp (): void {
    this.link = undefined
    this.missed = [...new Set([...this.missed, ...this.listening])]
    this.listening = []
  }

  /** A connection broke: either the peer is gone, or only the connection. Asking again tells which. */
  private onLinkClosed (link: OutboundConnection, opened: boolean): void {
    this.links.delete(link)
    this.liveness.closed(link)
    if (this.link !== link) return
    this.hangUp()
    if (this.left || link.ended) return
    if (!opened) return this.leave('lost')
    this.backoff.again(link.startedAt, () => this.fetchContracts())
  }

  private tellGap (path: string): void {
    const gap: EventGap = { reason: 'disconnected' }
    this.host.receive({ path, key: this.key, event: GAP, args: [gap] })
  }
}
