import { RecentMap } from '../../../collections/recent-map'
import { PROCESS_LOG } from '../../../log'
import { contain } from '../../boundary'
import { Interest } from '../../session/events/interest'
import type { GroupSession } from '../../session/events/session-groups'
import type { KeptSubscriptions } from '../../session/events/subscriptions-options'
import type { TransportHost } from '../../transport'
import type { Discovery } from '../discovery/discovery'
import { logFound, statusLogOf } from '../discovery/discovery-log'
import { NeededCheck } from '../needed-check'
import type { CotePeer, PeerOptions, PeersOptions } from './cote-peer'
import { checkIntervalOf } from './watch/silence-watch'

/** Milliseconds from one look at the connections to the next. */
const ALIVE_CHECK_MS = 1_000

/** How many peers that went without a goodbye are remembered, the last ones. */
const MAX_LOST = 1_000

/** The peers of a node by their ids, and the events that it wants of them. */
export class Peers {
  private readonly byId = new Map<string, CotePeer>()
  /** Peers that left while calls to them were under way. */
  private readonly leaving = new Set<CotePeer>()
  /**
   * The ids of peers that have connections, or had at the last look: most peers of a large mesh never have any. Those
   * of feathers-distributed have nothing to look at, and are no longer among them after the first look.
   */
  private readonly connected = new Set<string>()
  readonly interest = new Interest()
  /** Peers that went without a goodbye, and may return. */
  private readonly lost = new RecentMap<string, KeptSubscriptions | undefined>(MAX_LOST)
  /**
   * The same for those that never answered, with whether they were dialled: anybody may announce such nodes, and they
   * must not displace the others.
   */
  private readonly neverMet = new RecentMap<string, boolean>(MAX_LOST)
  private readonly idleCheck: NodeJS.Timeout
  /** Made while there are connections. */
  private readonly checks: readonly NeededCheck[]

  /** @param options - `log`: whether each peer that comes or goes is logged */
  constructor (
    private readonly host: TransportHost, private readonly discovery: Discovery,
    private readonly options: PeersOptions & { readonly log: boolean }
  ) {
    this.idleCheck = setInterval(() => this.closeIdle(), options.idleTimeout / 2)
    this.checks = [
      new NeededCheck(() => this.checkAlive(), ALIVE_CHECK_MS),
      new NeededCheck(() => this.checkSilence(), checkIntervalOf(host.silenceTimeout))
    ]
  }

  /** The peer with an id, unless it has left. */
  get (id: string): CotePeer | undefined {
    return this.byId.get(id)
  }

  /** Adds a new peer, until it leaves. */
  add<P extends CotePeer> (id: string, make: (options: PeerOptions) => P): P {
    logFound(id, this.discovery)
    const log = this.options.log ? statusLogOf(id, this.discovery.components, this.host.log ?? PROCESS_LOG) : undefined
    log?.('online')
    const kept = this.lost.get(id)
    const wasLost = this.lost.delete(id)
    const mustAnswer = this.neverMet.get(id) === true
    const wasAnnounced = this.neverMet.delete(id)
    let hasAnswered = false
    let wasDialled = false
    const peer = make({
      shared: this.options,
      interest: this.interest,
      isReturning: wasAnnounced || wasLost,
      mustAnswer,
      kept,
      onDial: () => {
        wasDialled = true
        this.connected.add(id)
        for (const check of this.checks) check.begin()
      },
      onAnswer: () => {
        hasAnswered = true
        this.options.unreachable?.delete(id)
      },
      onUnreachable: (address, reason) => this.options.unreachable?.add(id, { id, key: peer.key, address, reason }),
      onLeave: reason => {
        if (reason !== 'goodbye' && hasAnswered) this.lost.set(id, peer.kept)
        else if (reason !== 'goodbye') this.neverMet.set(id, wasDialled)
        this.byId.delete(id)
        log?.('offline')
        // Its next hello is that of a newcomer.
        this.discovery.delete(id, reason === 'goodbye')
        this.leaving.add(peer)
        contain(this.options.onRejected, id, () => this.host.left(id, reason))
        void peer.depart().then(() => this.onDeparted(peer))
      }
    })
    this.byId.set(id, peer)
    return peer
  }

  /** Gives a request up, also one to a peer that is leaving. */
  cancel (id: string, requestId: number): void {
    this.byId.get(id)?.cancel(requestId)
    for (const peer of this.leaving) if (peer.id === id) peer.cancel(requestId)
  }

  /** Subscribes to the events of a path on all peers. */
  subscribe (path: string, since?: number): void {
    if (this.interest.add(path, since)) this.syncSubscriptions()
  }

  /** Ends {@link Peers.subscribe}. */
  unsubscribe (path: string): void {
    if (this.interest.delete(path)) this.syncSubscriptions()
  }

  /** Those with which this node talks of groups. */
  groupSessions (): GroupSession[] {
    return [...this.byId.values()].map(peer => ({
      sync: () => peer.syncSubscriptions(),
      settled: async () => await peer.settled?.()
    }))
  }

  /** Resolves when no call waits any more. */
  async drain (): Promise<void> {
    this.endChecks()
    await Promise.all([...this.byId.values(), ...this.leaving].map(async peer => await peer.drain()))
  }

  /** Closes all connections now. */
  destroy (): void {
    this.endChecks()
    for (const peer of [...this.byId.values(), ...this.leaving]) peer.destroy()
    this.byId.clear()
  }

  private onDeparted (peer: CotePeer): void {
    this.leaving.delete(peer)
    // It may be back already, and have left again.
    for (const { id } of this.leaving) if (id === peer.id) return
    this.host.ended?.(peer.id)
  }

  private syncSubscriptions (): void {
    for (const peer of this.byId.values()) peer.syncSubscriptions()
  }

  private endChecks (): void {
    clearInterval(this.idleCheck)
    for (const check of this.checks) check.end()
  }

  /** Returns whether there is anything to look at. */
  private checkAlive (): boolean {
    for (const id of [...this.connected]) {
      const peer = this.byId.get(id)
      if (peer === undefined || !this.checkPeer(peer)) this.connected.delete(id)
    }
    for (const peer of this.leaving) this.contain(peer, () => peer.checkDeparture?.())
    return this.isNeeded
  }

  /** Returns whether it has connections. One that can't be looked at is looked at again. */
  private checkPeer (peer: CotePeer): boolean {
    let isConnected = true
    this.contain(peer, () => { isConnected = peer.checkAlive?.() === true })
    return isConnected
  }

  /** Returns whether there is anything to look at. */
  private checkSilence (): boolean {
    for (const id of [...this.connected]) {
      const peer = this.byId.get(id)
      if (peer !== undefined) this.contain(peer, () => peer.checkSilence?.())
    }
    for (const peer of [...this.leaving]) this.contain(peer, () => peer.checkSilence?.())
    return this.isNeeded
  }

  private get isNeeded (): boolean {
    return this.connected.size + this.leaving.size > 0
  }

  private closeIdle (): void {
    const now = performance.now()
    for (const peer of this.byId.values()) this.contain(peer, () => peer.closeIdle(now))
  }

  /** What one peer makes this node do does not keep it from looking after the others. */
  private contain ({ id }: CotePeer, action: () => void): void {
    contain(this.options.onRejected, id, action)
  }
}
