import { randomBytes } from 'node:crypto'
import { RecentMap } from '../../collections/recent-map'
import { UnfinishedMessages } from '../messages/unfinished-messages'
import type { Interest } from '../session/events/interest'
import type { Subscribers } from '../session/events/subscribers'
import type { KeptSubscriptions } from '../session/events/subscriptions-options'
import type { LeaveReason, TransportHost } from '../transport'
import { lifeOf, type Hello } from './hello'
import type { PeerMessage } from './message-text'
import { NatsPeer, type NatsPeerOptions } from './nats-peer'
import { Outbox } from './outbox'
import type { Departures } from './pieces/departures'
import { tokenOf, type Subjects } from './subjects'

/** How many peers a node has. */
const MAX_PEERS = 5_000
/** How many lost peers are remembered, the last ones. */
const MAX_LOST = 1_000
/** How many requests of one peer are served at a time. */
const MAX_IN_FLIGHT = 2_048
/** Bytes of messages in pieces of all peers that wait for their rest: the one that began first gives way. */
const MAX_UNFINISHED_BYTES = 128 * 1024 * 1024

/** What {@link Peers} need of their transport. */
export interface PeersOptions extends Pick<
  NatsPeerOptions,
  'maxBacklog' | 'maxMessageSize' | 'isServerBehind' | 'onWaiting' | 'onOrdered' | 'onRead' | 'onUnread' | 'collect' |
  'onSubscribed' | 'onIdle' | 'lane'
> {
  readonly host: TransportHost
  readonly subjects: Subjects
  readonly interest: Interest
  readonly subscribers: Subscribers
  readonly departures: Departures
  /** Characters that the server takes for sure in one message. */
  readonly maxLength: () => number
  readonly revision: () => number
  readonly isLeaving: () => boolean
  /** A peer is about to be lost: what it said before counts. */
  readonly onLosing: () => void
  /** A peer can't be reached any more. */
  readonly onLost: (peer: NatsPeer) => void
  /** Whether an operator binds users to keys, so that the key in a subject is proven. */
  readonly provesKeys: boolean
  /** Sends messages of a session. @param reply - where the server says that nobody listens */
  readonly send: (peer: NatsPeer, messages: string, reply: string) => void
}

/** How a session with a peer begins. */
export interface Beginning extends Pick<NatsPeerOptions, 'ownName' | 'greeting' | 'seals'> {
  /** The name of the peer's session, where it told. */
  readonly theirName?: string
}

/** The other nodes of the mesh: who they are, and the session with each of them. */
export class Peers {
  readonly byToken = new Map<string, NatsPeer>()
  private readonly byId = new Map<string, NatsPeer>()
  private readonly byName = new Map<string, NatsPeer>()
  private readonly lost = new RecentMap<string, KeptSubscriptions>(MAX_LOST)
  private readonly unfinished = new UnfinishedMessages(MAX_UNFINISHED_BYTES)
  private readonly start = randomBytes(6).toString('hex')
  private lives = 0
  private meetings = 0
  private hellos = 0
  /** The id of this node in subjects. */
  readonly token: string

  constructor (private readonly options: PeersOptions) {
    this.token = tokenOf(options.host.id)
  }

  /** The peers, those that leave included. */
  get all (): Iterable<NatsPeer> {
    return this.byToken.values()
  }

  get (id: string): NatsPeer | undefined {
    return this.byId.get(id)
  }

  /** The peer with which this node has a session of that name. */
  bySession (ownName: string): NatsPeer | undefined {
    return this.byName.get(ownName)
  }

  /** Another life begins on the server. */
  begin (): void {
    this.lives++
  }

  /** Nobody listens to what this node sent by one of its sessions. @returns the peer, and the requests in it */
  unheard (reference: string): { readonly peer: NatsPeer, readonly ids: readonly number[] } | undefined {
    const [start, n, batch] = reference.split('_')
    const peer = this.byName.get(lifeOf(start, Number(n)))
    return peer === undefined ? undefined : { peer, ids: peer.outbox.requestsOf(Number(batch)) }
  }

  /** The subject by which the server says that nobody listens to a peer. */
  unheardSubject (peer: NatsPeer, batch = 0): string {
    const { subjects, host } = this.options
    const [start, n] = peer.options.ownName.split('.')
    return subjects.unheard(host.id, host.key, `${start}_${n}_${batch}`)
  }

  /** A peer says goodbye: it takes no more requests, and can be reached until its calls are done. */
  leave (peer: NatsPeer): void {
    if (peer.session.hasLeft) return
    peer.session.leave()
    this.options.host.left(peer.id, 'goodbye')
  }

  /** A peer can't be reached any more. */
  lose (peer: NatsPeer, reason: LeaveReason = 'lost'): void {
    const { token, ownName } = peer.options
    this.options.onLosing()
    if (this.byToken.get(token) !== peer) return
    this.byToken.delete(token)
    this.byId.delete(peer.id)
    this.byName.delete(ownName)
    const { session } = peer
    if (!session.hasLeft) {
      this.lost.set(token, session.kept)
      session.leave()
      this.options.host.left(peer.id, reason)
    }
    session.close(`node ${peer.id} was lost`)
    peer.close()
    this.options.onLost(peer)
  }

  /** None can be reached any more: the server is lost. */
  loseAll (): void {
    for (const peer of [...this.all]) this.lose(peer, 'disconnected')
  }

  /** This node has left: it has said so, and nothing of the peers is heard any more. */
  closeAll (): void {
    for (const peer of this.all) {
      peer.close()
      peer.session.close('this node has left the mesh')
    }
    this.byToken.clear()
    this.byId.clear()
    this.byName.clear()
  }

  /** The life that this node has on the server. */
  get life (): string {
    return lifeOf(this.start, this.lives)
  }

  /** What this node says of itself now. */
  hello (asks: boolean): Hello {
    const { host, revision, isLeaving } = this.options
    const { life } = this
    return {
      id: host.id, key: host.key, life, count: ++this.hellos, revision: revision(), asks, isLeaving: isLeaving()
    }
  }

  /** Names a session that may begin. */
  nextSession (): string {
    return lifeOf(this.start, ++this.meetings)
  }

  /** Whether a hello has the key that its sender is known by; another one is rejected. */
  hasSameKey (peer: NatsPeer, { id, key }: Hello): boolean {
    if (peer.options.peer.key === key) return true
    this.options.host.onRejected?.('claimedId', 'nats', `node ${id}`)
    return false
  }

  /** Takes a message of a session with a peer. */
  read (peer: NatsPeer, kind: PeerMessage, id: number, body: unknown): void {
    if (kind === 'mark') peer.write('marked', id)
    else if (kind === 'marked') peer.onMarked(id)
    else if (kind === 'gone') this.lose(peer)
    else if (kind === 'piece') peer.receivePiece(id, body)
    else peer.receive(kind, id, body)
  }

  /** Another node is there: a session with it begins, unless one of both leaves, or there are too many. */
  meet (
    { id, key, life, count, isLeaving, revision }: Hello, { theirName, ...beginning }: Beginning
  ): NatsPeer | undefined {
    const { host, provesKeys } = this.options
    if (isLeaving || this.options.isLeaving()) return undefined
    if (this.byToken.size >= MAX_PEERS) {
      host.onRejected?.('crowdedOut', 'nats', `node ${id}`)
      return undefined
    }
    const token = tokenOf(id)
    const peer = new NatsPeer({
      ...this.options,
      ...beginning,
      peer: { node: id, key, proven: provesKeys, address: 'nats' },
      token,
      keyToken: tokenOf(key),
      life,
      isReturning: this.lost.has(token),
      kept: this.lost.get(token),
      unfinished: this.unfinished,
      maxInFlight: MAX_IN_FLIGHT,
      makeOutbox: made => this.outboxFor(made)
    }, revision)
    peer.theirName = theirName
    peer.hellos = count
    this.lost.delete(token)
    this.byToken.set(token, peer)
    this.byId.set(id, peer)
    this.byName.set(beginning.ownName, peer)
    return peer
  }

  private outboxFor (peer: NatsPeer): Outbox {
    const { send, maxLength, departures } = this.options
    return new Outbox({
      send: (messages, batch) => {
        send(peer, messages, this.unheardSubject(peer, batch))
        peer.count(messages.length)
      },
      maxLength: maxLength(),
      departures,
      mayLeave: () => peer.mayLeave
    })
  }
}
