import { failedCallOf, notHosted } from '../../errors'
import type { GroupChoice } from '../event-groups'
import type { EventStore } from '../event-store'
import {
  RequestRefused, type EventMessage, type LeaveReason, type Peer, type ReplyHandler, type Request, type Transport,
  type TransportHost, type UnreachablePeer
} from '../transport'
import { within } from '../drain'
import { joined, type Reach } from '../reach'
import { PING } from '../session/control'
import { IGNORED } from '../session/session-parts'
import { CommonObjects } from './common-objects'
import { GroupsOfAll } from './groups-of-all'
import { hostOfOne } from './host-of-one'
import { KnownNodes } from './known-nodes'
import { SentRequests } from './sent-requests'
import { ServedRequests } from './served-requests'

/**
 * Several transports as one: a node that is reached by some of them is one node. Calls and events go by the first
 * transport that reaches it, and by the next ones when that loses it.
 */
export class SeveralTransports implements Transport {
  readonly groups: GroupsOfAll
  /** Says goodbye, where all transports can: peers would call this node by the others. */
  readonly goodbye?: () => Promise<void>
  private nodes: KnownNodes
  private readonly requests: SentRequests
  private readonly served = new ServedRequests()
  private isStopping = false
  /** Whether calls that come are too late: the transports end one after another. */
  private isClosing = false

  /** @param transports - those first that are preferred */
  constructor (private readonly transports: readonly Transport[]) {
    this.groups = new GroupsOfAll(transports)
    this.nodes = this.makeNodes()
    this.requests = new SentRequests({ transports, callable: nodeId => this.nodes.callable(nodeId) })
    const partings = transports.flatMap(transport => transport.goodbye?.bind(transport) ?? [])
    if (partings.length === transports.length) {
      this.goodbye = async () => { await Promise.all(partings.map(async part => await part())) }
    }
  }

  /** @throws what one of the transports throws; the others have left then */
  async start (host: TransportHost): Promise<void> {
    this.nodes = this.makeNodes()
    this.isStopping = this.isClosing = false
    const common = new CommonObjects()
    const starts = await Promise.allSettled(
      this.transports.map(async (transport, place) => await transport.start(this.hostFor(host, place, common)))
    )
    const failed = starts.find(start => start.status === 'rejected')
    if (failed === undefined) return
    await Promise.all(this.transports.map(async transport => await transport.stop(0)))
    throw failed.reason
  }

  /** The first that keeps events: it has those of all nodes that it reaches. */
  get eventStore (): EventStore | undefined {
    return this.transports.find(({ eventStore }) => eventStore !== undefined)?.eventStore
  }

  async announce (): Promise<void> {
    await Promise.all(this.transports.map(async transport => await transport.announce()))
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    return this.requests.send(peerId, request, handler)
  }

  cancel (_peerId: string, requestId: number): void {
    this.requests.cancel(requestId)
  }

  publish (message: EventMessage, choice?: GroupChoice): void {
    // By that the transports know that it is one event.
    const event = { ...message }
    const errors: unknown[] = []
    for (const transport of this.transports) {
      try {
        transport.publish(event, choice)
      } catch (error) {
        // The peers that others reach get it nevertheless.
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  subscribe (path: string, since?: number): void {
    for (const transport of this.transports) transport.subscribe(path, since)
  }

  unsubscribe (path: string): void {
    for (const transport of this.transports) transport.unsubscribe(path)
  }

  unreachable (): readonly UnreachablePeer[] {
    return this.transports.flatMap(transport => transport.unreachable?.() ?? [])
      .filter(({ id }) => id === undefined || this.nodes.get(id) === undefined)
  }

  /** All ways to the node, as far as their transports tell: that of calls is the first one. */
  reachOf (peerId: string): Reach | undefined {
    return joined(this.nodes.placesOf(peerId).flatMap(place => this.transports[place]?.reachOf?.(peerId) ?? []))
  }

  /**
   * Those leave first that can't say goodbye before: calls that others serve may publish events until then, and what is
   * under way ends while peers are still reached by those others.
   */
  async stop (drainTimeout: number): Promise<void> {
    if (this.isStopping) return
    this.isStopping = true
    const end = performance.now() + drainTimeout
    const left = (): number => Math.max(0, end - performance.now())
    await this.groups.leave(drainTimeout)
    const places = [...this.transports.keys()]
    const polite = places.filter(place => this.transports[place]?.goodbye !== undefined)
    await Promise.all(polite.map(async place => await this.transports[place]?.goodbye?.()))
    await within(left(), Promise.all(polite.map(async place => await this.served.whenIdle(place))))
    // What a late call by one of them publishes would not reach who hears this node by another that has ended.
    this.isClosing = polite.length === places.length
    await this.stopAll(places.filter(place => !polite.includes(place)), left())
    await this.stopAll(polite, left())
  }

  private async stopAll (places: readonly number[], drainTimeout: number): Promise<void> {
    await Promise.all(places.map(async place => await this.transports[place]?.stop(drainTimeout)))
  }

  private makeNodes (): KnownNodes {
    return new KnownNodes(this.transports.map(({ proves = 'nothing' }) => proves))
  }

  /** The node, as one of the transports sees it. */
  private hostFor (host: TransportHost, place: number, common: CommonObjects): TransportHost {
    const { nodes } = this
    return hostOfOne(host, {
      siblings: { place, isSame: id => nodes.isReached(id, place), common: type => common.get(type) },
      serve: call => {
        if (this.isClosing) call.reply(new RequestRefused(notHosted(failedCallOf(call.request))))
        else host.serve(this.served.track(place, call))
      },
      joined: peer => this.joined(host, peer, place),
      left: (peerId, reason) => this.left(host, peerId, { place, reason }),
      ended: peerId => { if (nodes.end(peerId, place)) host.ended?.(peerId) }
    })
  }

  private joined (host: TransportHost, peer: Peer, place: number): void {
    const { nodes } = this
    const { id, key } = peer
    const before = nodes.get(id)
    if (!nodes.join(peer, place)) {
      // One of the same key may be the node itself, by a transport to which it can't prove that.
      if (before !== undefined && before.key !== key) host.onRejected?.('claimedId', 'another transport', `node ${id}`)
      return
    }
    const now = nodes.get(id)
    if (now === undefined || now === before) return
    if (before !== undefined && before.key !== now.key) host.left(id, 'lost')
    host.joined(now)
  }

  private left (
    host: TransportHost, peerId: string, { place, reason }: { readonly place: number, readonly reason: LeaveReason }
  ): void {
    const { nodes } = this
    const before = nodes.get(peerId)
    if (!nodes.leave(peerId, place)) return
    const now = nodes.get(peerId)
    if (now === undefined) return host.left(peerId, reason)
    if (now !== before) host.joined(now)
    // It may be gone, and a transport by which nothing is under way would find that out late.
    if (reason !== 'goodbye') this.ask(peerId, now.key)
  }

  /** Asks a peer for a sign of life, by each transport that reaches it. */
  private ask (peerId: string, key: string): void {
    for (const place of this.nodes.placesOf(peerId)) {
      this.transports[place]?.request(peerId, { method: PING, key, path: '' }, IGNORED)
    }
  }
}
