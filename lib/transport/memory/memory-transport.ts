import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Contract } from '../../contract/contract'
import { gapEvent } from '../messages/event'
import { Drain, within } from '../session/drain'
import { UnsentRequests } from '../session/unsent-requests'
import { publish } from '../session/subscriber'
import {
  type EventMessage, type ReplyHandler, type Request, type Transport, type TransportHost
} from '../transport'
import { MemoryLink, type Wire } from './memory-link'

/** What all nodes of a network share. */
export interface Shared {
  /** The nodes that have joined, by their ids. */
  readonly members: Map<string, MemoryTransport>
  readonly wire: Wire
  readonly isCut: (one: string, other: string) => boolean
}

/** The transport of one node of a memory network. */
export class MemoryTransport implements Transport {
  private host: TransportHost | undefined
  private readonly unsent = new UnsentRequests()
  private readonly paths = new Set<string>()
  /** What this node shares with each peer: kept while calls are under way, also after the peer has left. */
  private readonly links = new Map<string, MemoryLink>()
  private readonly drain = new Drain(() => [...this.links.values()].every(({ isIdle }) => isIdle))
  private readonly members: Map<string, MemoryTransport>

  constructor (private readonly shared: Shared) {
    this.members = shared.members
  }

  async start (host: TransportHost): Promise<void> {
    this.host = host
    await nextTurn()
    for (const member of this.members.values()) {
      member.notifyJoined(this)
      this.notifyJoined(member)
    }
    this.members.set(host.id, this)
    for (const member of this.others) {
      member.readSubscriptions(this)
      this.readSubscriptions(member)
    }
  }

  announce (): void {
    for (const member of this.others) member.notifyJoined(this)
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

  publish (message: EventMessage): void {
    const links = this.others.map(member => this.linkTo(member)).filter(link => link !== undefined)
    publish(message, links, this.host?.audience?.(message.path, message.event), Infinity)
  }

  subscribe (path: string): void {
    if (this.paths.has(path)) return
    this.paths.add(path)
    this.syncSubscriptions()
  }

  unsubscribe (path: string): void {
    if (this.paths.delete(path)) this.syncSubscriptions()
  }

  async stop (drainTimeout: number): Promise<void> {
    const { host } = this
    if (host === undefined || !this.members.delete(host.id)) return
    for (const member of this.members.values()) if (this.reaches(member.id)) member.host?.left(host.id, 'goodbye')
    await within(drainTimeout, this.drain.wait())
    // What is on its way arrives before the end does.
    await nextTurn()
    for (const member of this.members.values()) member.disconnect(host.id)
    this.closeLinks('this node has left the mesh')
    this.host = undefined
  }

  /** This node is gone, and all that it had under way with it. */
  destroy (): void {
    for (const { id } of this.members.values()) this.onPeerLost(id)
    this.closeLinks('this node was lost')
    this.host = undefined
  }

  /** A peer can't be reached any more. */
  onPeerLost (peerId: string): void {
    if (peerId === this.id) return
    this.host?.left(peerId, 'lost')
    this.disconnect(peerId)
  }

  /** A peer can be reached again: events may have been missed since. */
  reconnect (peer: MemoryTransport): void {
    if (this.members.get(this.id) !== this || this.members.get(peer.id) !== peer || peer.host === undefined) return
    this.notifyJoined(peer)
    this.readSubscriptions(peer)
    const { key } = peer.host
    for (const { path } of peer.host.contracts()) {
      if (this.paths.has(path)) this.host?.receive(gapEvent(path, key, { reason: 'disconnected' }))
    }
  }

  private get id (): string {
    return this.host?.id ?? ''
  }

  /** The members that this node can reach. */
  private get others (): MemoryTransport[] {
    return [...this.members.values()].filter(member => member !== this && this.reaches(member.id))
  }

  private reaches (peerId: string): boolean {
    return !this.shared.isCut(this.id, peerId)
  }

  private notifyJoined ({ host }: MemoryTransport): void {
    if (host === undefined) return
    const { id, name, key } = host
    const contracts = JSON.parse(JSON.stringify(host.contracts())) as Contract[] // they are plain data
    this.host?.joined({ id, ...name === undefined ? {} : { name }, key, contracts })
  }

  /** Before it has joined, nobody knows what this node subscribes to. */
  private syncSubscriptions (): void {
    if (this.members.get(this.id) === this) for (const member of this.others) member.readSubscriptions(this)
  }

  private readSubscriptions (peer: MemoryTransport): void {
    const link = this.linkTo(peer)
    if (link === undefined) return
    for (const path of link.subscriber.update([...peer.paths])) this.host?.subscribed?.(link.caller, path)
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
      isThere: () => this.members.get(peer.id) === peer,
      otherSide: () => links.get(peer.id) === link ? peer.linkTo(this) : undefined,
      onIdle: () => this.drain.check()
    })
    links.set(peer.id, link)
    return link
  }

  private disconnect (peerId: string): void {
    const link = this.links.get(peerId)
    this.links.delete(peerId)
    link?.close(`node ${peerId} was lost`)
  }

  private closeLinks (reason: string): void {
    const links = [...this.links.values()]
    this.links.clear()
    for (const link of links) link.close(reason)
  }
}
