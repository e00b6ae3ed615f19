import { randomBytes } from 'node:crypto'
import { RecentMap } from '../../collections/recent-map'
import type { Interest } from '../session/events/interest'
import type { Subscribers } from '../session/events/subscribers'
import type { KeptSubscriptions } from '../session/events/subscriptions-options'
import { TokenBucket } from '../token-bucket'
import { MalformedMessage, type LeaveReason, type TransportHost } from '../transport'
import { helloText, isBefore, lifeOf, readHello, type Hello } from './hello'
import { NONE, readHead, UnknownSession, type InboxHead } from './inbox-head'
import { messageText, readMessages, type InboxMessage } from './message-text'
import { NatsPeer, type NatsPeerOptions } from './nats-peer'
import { Outbox } from './outbox'
import { lastToken, tokenOf, type Subjects } from './subjects'

/** How many peers a node has. */
const MAX_PEERS = 5_000
/** How many lost peers are remembered, the last ones. */
const MAX_LOST = 1_000
/** Nodes that send to a session which is over here are told so, at most so often. */
const TOLD_BURST = 50
const TOLD_MS = 20
/** How many requests of one peer are served at a time. */
const MAX_IN_FLIGHT = 2_048

/** What {@link Peers} need of their transport. */
export interface PeersOptions extends Pick<
  NatsPeerOptions, 'maxBacklog' | 'isServerBehind' | 'onWaiting' | 'onOrdered' | 'collect' | 'onIdle'
> {
  readonly host: TransportHost
  readonly subjects: Subjects
  readonly interest: Interest
  readonly subscribers: Subscribers
  readonly maxMessageSize: () => number
  /** Characters that the server takes for sure in one message. */
  readonly maxLength: () => number
  readonly revision: () => number
  readonly isLeaving: () => boolean
  /** A peer can't be reached any more. */
  readonly onLost: () => void
  /** Whether an operator binds users to keys, so that the key in a subject is proven. */
  readonly provesKeys: boolean
  readonly send: (subject: string, text: string, reply?: string) => void
}

/** The other nodes of the mesh: who they are, and the session with each of them. */
export class Peers {
  private readonly byToken = new Map<string, NatsPeer>()
  private readonly byName = new Map<string, NatsPeer>()
  private readonly lost = new RecentMap<string, KeptSubscriptions>(MAX_LOST)
  private readonly told = new TokenBucket(TOLD_BURST, TOLD_MS)
  private readonly start = randomBytes(6).toString('hex')
  private lives = 0
  private meetings = 0
  private readonly token: string

  constructor (private readonly options: PeersOptions) {
    this.token = tokenOf(options.host.id)
  }

  /** The peers, those that leave included. */
  get all (): Iterable<NatsPeer> {
    return this.byToken.values()
  }

  get (id: string): NatsPeer | undefined {
    return this.byToken.get(tokenOf(id))
  }

  /** What stands before the events of this node: its id, and the life that it has now. */
  get eventHead (): string {
    return `${this.token} ${this.life}`
  }

  /** Another life begins on the server. */
  begin (): void {
    this.lives++
  }

  /** Says hello to all nodes. */
  greet (asks: boolean): void {
    const { send, subjects, host } = this.options
    send(subjects.hello(host.key), helloText(this.hello(asks)))
  }

  /** Something came on the subject of hellos. */
  onHelloBytes (subject: string, text: string): void {
    const hello = readHello(text, lastToken(subject))
    if (hello.id === this.options.host.id) return
    const peer = this.onHello(hello)
    if (hello.asks) peer?.write('hello', 0, helloText(this.hello(false)))
  }

  /** Something came for this node alone. */
  onInboxText (subject: string, text: string): void {
    const head = readHead(text)
    const keyToken = lastToken(subject)
    let peer = this.peerOf(head, keyToken)
    if (peer === 'stale') return
    readMessages(text, head.end, (kind, id, body) => {
      if (kind === 'hello') peer = this.onDirectHello(body, keyToken, head)
      else if (peer instanceof NatsPeer) this.read(peer, kind, id, body)
      else throw new UnknownSession()
    })
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

  /** Events of a publisher came on their subject. */
  onEventText (subject: string, text: string): void {
    const end = text.indexOf('\n')
    const [token, life, except = ''] = text.slice(0, end).split(' ')
    const { subjects } = this.options
    const peer = this.byToken.get(token)
    if (peer === undefined || peer.options.life !== life) return
    if (subjects.keyOfEvent(subject) !== peer.options.keyToken) throw new MalformedMessage('an event with another key')
    if (except !== NONE && except.split(',').includes(this.token)) return
    peer.heardAt = performance.now()
    readMessages(text, end + 1, (kind, id, body) => {
      if (kind !== 'event') throw new MalformedMessage('no event on a subject of events')
      peer.receive(kind, id, body)
    })
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
    if (this.byToken.get(token) !== peer) return
    this.byToken.delete(token)
    this.byName.delete(ownName)
    const { session } = peer
    if (!session.hasLeft) {
      this.lost.set(token, session.kept)
      session.leave()
      this.options.host.left(peer.id, reason)
    }
    session.close(`node ${peer.id} was lost`)
    this.options.onLost()
  }

  /** None can be reached any more. */
  loseAll (): void {
    for (const peer of [...this.all]) this.lose(peer)
  }

  /** This node has left: it has said so, and nothing of the peers is heard any more. */
  closeAll (): void {
    for (const { session } of this.all) {
      session.close('this node has left the mesh')
    }
    this.byToken.clear()
    this.byName.clear()
  }

  private get life (): string {
    return lifeOf(this.start, this.lives)
  }

  private hello (asks: boolean): Hello {
    const { host, revision, isLeaving } = this.options
    return { id: host.id, key: host.key, life: this.life, revision: revision(), asks, isLeaving: isLeaving() }
  }

  /** The peer whose session a message belongs to; undefined where a hello has to come first. */
  private peerOf ({ token, theirName, ownName }: InboxHead, keyToken: string): NatsPeer | 'stale' | undefined {
    const peer = this.byToken.get(token)
    if (peer !== undefined && peer.options.keyToken !== keyToken) {
      throw new MalformedMessage('a message with another key')
    }
    if (ownName !== NONE && ownName !== peer?.options.ownName) {
      // It belongs to a session that is over here: a peer that does not know it is told.
      if (peer === undefined) this.tellOver(token, keyToken)
      return 'stale'
    }
    if (peer === undefined) return undefined
    if (theirName === NONE) return this.withoutSession(peer)
    peer.theirName ??= theirName
    if (peer.theirName === theirName) return peer
    if (isBefore(theirName, peer.theirName)) return 'stale'
    this.lose(peer)
    return undefined
  }

  /** The peer says that it has no session with this node: so one that it had is over. */
  private withoutSession (peer: NatsPeer): NatsPeer | undefined {
    if (peer.theirName === undefined) return peer
    this.lose(peer)
    return undefined
  }

  private tellOver (token: string, keyToken: string): void {
    if (this.told.waitMs > 0) return
    this.told.take()
    const { send, subjects, host } = this.options
    const text = messageText('hello', 0, helloText(this.hello(true)))
    send(subjects.inboxOf(token, keyToken, host.key), `${this.token} ${NONE} ${NONE}\n${text}`)
  }

  private onDirectHello (body: unknown, keyToken: string, { theirName, token }: InboxHead): NatsPeer | undefined {
    if (typeof body !== 'string') throw new MalformedMessage('a hello that is no text')
    const hello = readHello(body, keyToken)
    if (tokenOf(hello.id) !== token) throw new MalformedMessage('a hello with another id than that of its sender')
    const peer = this.onHello(hello)
    if (peer !== undefined && theirName !== NONE) peer.theirName ??= theirName
    return peer
  }

  private onHello (hello: Hello): NatsPeer | undefined {
    let peer = this.byToken.get(tokenOf(hello.id))
    if (peer !== undefined && peer.options.peer.key !== hello.key) {
      this.options.host.onRejected?.('claimedId', 'nats', `node ${hello.id}`)
      return undefined
    }
    if (peer !== undefined && peer.options.life !== hello.life) {
      if (isBefore(hello.life, peer.options.life)) return undefined
      this.lose(peer)
      peer = undefined
    }
    if (peer === undefined) return this.meet(hello)
    peer.heardAt = performance.now()
    if (hello.isLeaving) this.leave(peer)
    else peer.update(hello.revision)
    return peer
  }

  private read (peer: NatsPeer, kind: InboxMessage, id: number, body: unknown): void {
    peer.heardAt = performance.now()
    if (kind === 'mark') peer.write('marked', id)
    else if (kind === 'marked') peer.onMarked(id)
    else if (kind === 'gone') this.lose(peer)
    else if (kind !== 'hello') peer.receive(kind, id, body)
  }

  private meet ({ id, key, life, isLeaving, revision }: Hello): NatsPeer | undefined {
    const { host, provesKeys, maxMessageSize } = this.options
    if (isLeaving || this.options.isLeaving()) return undefined
    if (this.byToken.size >= MAX_PEERS) {
      host.onRejected?.('crowdedOut', 'nats', `node ${id}`)
      return undefined
    }
    const token = tokenOf(id)
    const number = ++this.meetings
    const ownName = lifeOf(this.start, number)
    const peer = new NatsPeer({
      ...this.options,
      peer: { node: id, key, proven: provesKeys, address: 'nats' },
      number,
      token,
      keyToken: tokenOf(key),
      life,
      ownName,
      isReturning: this.lost.has(token),
      kept: this.lost.get(token),
      maxMessageSize: maxMessageSize(),
      maxInFlight: MAX_IN_FLIGHT,
      introduction: helloText(this.hello(false)),
      makeOutbox: made => this.outboxFor(made)
    }, revision)
    this.lost.delete(token)
    this.byToken.set(token, peer)
    this.byName.set(ownName, peer)
    return peer
  }

  private outboxFor (peer: NatsPeer): Outbox {
    const { subjects, host, send, maxLength } = this.options
    const { options: { peer: { node, key }, ownName } } = peer
    const subject = subjects.inbox(node, key, host.key)
    return new Outbox((messages, batch) => {
      const text = `${this.token} ${ownName} ${peer.theirName ?? NONE}\n${messages}`
      send(subject, text, this.unheardSubject(peer, batch))
      peer.count(messages.length)
    }, maxLength())
  }
}
