import { setImmediate as nextTurn } from 'node:timers/promises'
import { RecentMap } from '../../collections/recent-map'
import { contain } from '../boundary'
import type { GroupChoice } from '../event-groups'
import { Drain, within } from '../drain'
import { UnsentRequests } from '../session/requests/unsent-requests'
import { DesiredEvents } from '../session/events/desired-events'
import { SessionGroups } from '../session/events/session-groups'
import type { SubscriberAnswer, WireCounts } from '../session/events/event-counts'
import { Interest } from '../session/events/interest'
import { Subscribers, subscribersOf } from '../session/events/subscribers'
import {
  type EventMessage, type Peer, type ReplyHandler, type Request, type Transport, type TransportHost
} from '../transport'
import { EventFeeds, type EventFeed } from './event-feeds'
import { MemoryLink } from './memory-link'
import { MemoryStore } from './memory-store'
import type { Shared } from './network-members'
import { allArrived, peerOf } from './own-peer'

/** How many reunions are remembered, the last ones. */
const MAX_REUNIONS = 1_000

/** The transport of one node of a memory network. */
export class MemoryTransport implements Transport, EventFeed {
  readonly proves = 'key'
  private host: TransportHost | undefined
  /** This node, as others learn of it. */
  private peer: Peer | undefined
  private readonly unsent = new UnsentRequests()
  private readonly paths = new Interest()
  /** What this node shares with each peer: kept while calls are under way, also after the peer has left. */
  private readonly links = new Map<string, MemoryLink>()
  private subscribers = new Subscribers()
  private feeds = new EventFeeds()
  /** When this node was on the mesh, and when it could reach peers again that it had lost. */
  private joinedAt = 0
  private readonly reunions = new RecentMap<string, number>(MAX_REUNIONS)
  private readonly drain = new Drain(() => [...this.links.values()].every(({ isIdle }) => isIdle))
  private readonly members: Map<string, MemoryTransport>
  groups = this.makeGroups()
  readonly eventStore: MemoryStore
  /** Whether peers send no new requests here. */
  private saidGoodbye = false

  constructor (private readonly shared: Shared<MemoryTransport>) {
    this.members = shared.members
    this.eventStore = new MemoryStore(shared.events)
  }

  async start (host: TransportHost): Promise<void> {
    this.host = host
    this.saidGoodbye = false
    this.paths.begin()
    if (host.siblings !== undefined) {
      this.subscribers = subscribersOf(host)
      this.feeds = host.siblings.common(EventFeeds)
      this.groups = this.makeGroups()
    }
    this.peer = peerOf(host, this.shared.lists)
    this.joinedAt = performance.now()
    this.reunions.clear()
    await this.shared.news.join(this)
    // A listener may have ended it at once.
    if (this.members.get(host.id) !== this) return
    this.eventStore.start(host.id)
    for (const member of this.others) {
      member.readSubscriptions(this)
      this.readSubscriptions(member)
    }
  }

  async announce (): Promise<void> {
    if (this.saidGoodbye) return
    if (this.host !== undefined) this.peer = peerOf(this.host, this.shared.lists)
    await this.shared.news.change(this)
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    const peer = this.members.get(peerId)
    const link = peer === undefined || !this.reaches(peerId) ? undefined : this.linkTo(peer)
    if (link !== undefined) return link.request(request, handler)
    return this.unsent.add(handler, `node ${peerId} has left`)
  }

  cancel (peerId: string, requestId: number): void {
    if (!this.unsent.cancel(requestId)) this.links.get(peerId)?.cancel(requestId)
  }

  publish (message: EventMessage, choice?: GroupChoice): void {
    // Peers without a link have subscribed to nothing.
    const links = [...this.links].filter(([id]) => this.members.has(id) && this.reaches(id)).map(([, link]) => link)
    const reach = choice ?? this.host?.audience?.(message.path, message.event)
    this.subscribers.publish(message, links, reach, Infinity)
  }

  subscribe (path: string, since?: number): void {
    if (this.paths.add(path, since)) this.syncSubscriptions()
  }

  unsubscribe (path: string): void {
    if (this.paths.delete(path)) this.syncSubscriptions()
  }

  async goodbye (): Promise<void> {
    const { host } = this
    if (host !== undefined && this.members.has(host.id)) this.sayGoodbye(host.id)
  }

  async stop (drainTimeout: number): Promise<void> {
    const { host } = this
    if (host === undefined || this.members.get(host.id) !== this) return
    if (this.eventStore.hasMembers) await this.eventStore.leave(drainTimeout)
    if (this.paths.hasGroups) await this.groups.leave(drainTimeout)
    if (!this.members.delete(host.id)) return
    this.sayGoodbye(host.id)
    await within(drainTimeout, this.drain.wait())
    // What is on its way arrives before the end does.
    await nextTurn()
    for (const member of this.members.values()) member.disconnect(host.id, this.countsFor(member.id))
    this.closeLinks('this node has left the mesh')
  }

  /** This node is gone, and all that it had under way with it. */
  destroy (): void {
    for (const { id } of this.members.values()) this.onPeerLost(id)
    this.closeLinks('this node was lost')
  }

  /** A peer can't be reached any more. */
  onPeerLost (peerId: string): void {
    if (peerId === this.id) return
    const link = this.links.get(peerId)
    // Before the node unsubscribes from what nobody hosts any more.
    if (link !== undefined && this.feeds.otherThan(this, peerId) === undefined) this.tellLoss(link)
    this.host?.left(peerId, 'lost')
    this.disconnect(peerId)
    this.feeds.release(peerId, this)
  }

  canReach (peerId: string): boolean {
    const peer = this.members.get(peerId)
    return this.members.get(this.id) === this && peer?.saidGoodbye === false && this.reaches(peerId)
  }

  subscribeAt (peerId: string): void { this.members.get(peerId)?.readSubscriptions(this) }

  /** A peer can be reached again: events may have been missed since. */
  reconnect (peer: MemoryTransport): void {
    if (this.members.get(this.id) !== this || this.members.get(peer.id) !== peer || peer.host === undefined) return
    this.reunions.set(peer.id, performance.now())
    this.notifyJoined(peer)
    this.readSubscriptions(peer)
  }

  private makeGroups (): SessionGroups {
    return new SessionGroups(this.paths, this.subscribers, () => [{
      sync: () => this.syncSubscriptions(),
      settled: async () => await this.whenArrived()
    }])
  }

  /** Resolves when nothing is on its way to this node that was sent before now. */
  private async whenArrived (): Promise<void> {
    await allArrived(this.others.map(member => member.links.get(this.id)?.arrival()))
  }

  private sayGoodbye (id: string): void {
    if (this.saidGoodbye) return
    this.saidGoodbye = true
    for (const member of this.others) member.host?.left(id, 'goodbye')
  }

  get id (): string { return this.host?.id ?? '' }

  /** The members that this node can reach. */
  private get others (): MemoryTransport[] {
    return [...this.members.values()].filter(member => member !== this && this.reaches(member.id))
  }

  private reaches (peerId: string): boolean { return !this.shared.isCut(this.id, peerId) }

  notifyJoined ({ peer, saidGoodbye }: MemoryTransport): void {
    const { host } = this
    if (host === undefined || peer === undefined || saidGoodbye || !this.reaches(peer.id)) return
    contain(host.onRejected ?? (() => {}), 'memory', () => host.joined(peer))
  }

  /**
   * Before it has joined, nobody knows what this node subscribes to. Those that said goodbye send what this node wanted
   * until then.
   */
  private syncSubscriptions (): void {
    if (this.members.get(this.id) !== this) return
    for (const member of this.others) if (!member.saidGoodbye) member.readSubscriptions(this)
  }

  private readSubscriptions (peer: MemoryTransport): void {
    // Most of the pairs in a large mesh have nothing to do with each other.
    const isStranger = !this.links.has(peer.id) && peer.feeds.kept.get(this.id) === undefined
    if ((peer.paths.isEmpty && isStranger) || !peer.feeds.takes(this.id, peer)) return
    const link = this.linkTo(peer)
    if (link === undefined) return
    const { host } = this
    const { subscriber, caller } = link
    const resume = peer.feeds.kept.get(this.id)?.token
    const { params } = new DesiredEvents(undefined, peer.paths.groupsFor(host?.key ?? ''))
    const fresh = subscriber.update(peer.paths.all, { counts: true, resume, ...params })
    for (const path of fresh) this.host?.subscribed?.(caller, path)
    const mayHear = (path: string, event: string): boolean => host?.audience?.(path, event)?.(caller) !== false
    peer.onSubscribed(this, subscriber.answerTo(fresh, mayHear))
  }

  /** A peer knows which of its events this node wants. */
  private onSubscribed (peer: MemoryTransport, answer: SubscriberAnswer): void {
    const link = this.linkTo(peer)
    if (link === undefined || answer === true) return
    const { counts, token, resumed, earlier = [] } = answer
    const kept = this.feeds.kept.get(peer.id)
    if (kept !== undefined && kept.token !== token) {
      if (resumed) link.heard = kept.heard
      else this.tellLoss(link)
      link.settle(counts)
    }
    if (kept === undefined) link.tellEarlier(earlier, this.paths)
    for (const [path, count] of counts) link.heard.begin(path, count)
    link.heard.keep(link.pathsOf(this.paths))
    this.feeds.kept.set(peer.id, { token, heard: link.heard })
  }

  /** How many events a peer was to get. */
  private countsFor (peerId: string): WireCounts {
    return this.links.get(peerId)?.subscriber.finalCounts ?? []
  }

  private linkTo (peer: MemoryTransport): MemoryLink | undefined {
    const { host, links, shared: { wire } } = this
    if (host === undefined || peer.host === undefined) return undefined
    const known = links.get(peer.id)
    if (known !== undefined) return known
    const link: MemoryLink = new MemoryLink({
      host,
      peer: peer.host,
      wire,
      subscribers: this.subscribers,
      // Or when they could do so again.
      metAt: this.reunions.get(peer.id) ?? Math.max(this.joinedAt, peer.joinedAt),
      isThere: () => this.members.get(peer.id) === peer,
      otherSide: () => links.get(peer.id) === link ? peer.linkTo(this) : undefined,
      onIdle: () => this.drain.check()
    })
    links.set(peer.id, link)
    return link
  }

  /**
   * Nothing more comes of a peer.
   *
   * @param counts - how many events there were, where the peer has told; then it does not return
   */
  private disconnect (peerId: string, counts?: WireCounts): void {
    const link = this.links.get(peerId)
    this.links.delete(peerId)
    if (link !== undefined) {
      link.close(`node ${peerId} was lost`)
      const lost = this.subscribers.part(link)
      if (lost.length > 0) this.host?.memberLost?.(lost)
      if (counts !== undefined) link.settle(counts)
    }
    this.host?.ended?.(peerId)
    if (counts !== undefined) this.feeds.end(peerId, this)
  }

  /** Events of the peer may be missed that nobody counts. */
  private tellLoss (link: MemoryLink): void {
    const paths = link.pathsOf(this.paths)
    for (const path of link.peerPaths) if (paths.has(path)) link.tellGap(path, { reason: 'disconnected' })
  }

  /** This node is not on the mesh any more. */
  private closeLinks (reason: string): void {
    const links = [...this.links.values()]
    this.links.clear()
    for (const link of links) link.close(reason)
    this.subscribers.clear()
    this.feeds.remove(this)
    this.eventStore.stop()
    this.host = undefined
  }
}
