import type { EventTarget } from '../session/events/publish'
import { lengthOfBody, lengthOfReply } from '../session/message-body'
import { PeerSession } from '../session/peer-session'
import type { PeerSessionOptions, SessionMessage } from '../session/peer-session-options'
import type { RequestId } from '../session/served-calls'
import type { Subscriber } from '../session/subscriber'
import { MalformedMessage } from '../transport'
import type { EncodedValue } from '../values/encode-value'
import type { RejectionReason } from '../rejections'
import type { UnfinishedMessages } from '../messages/unfinished-messages'
import { messageHead, readMessages, sessionKind, type InboxMessage } from './message-text'
import type { Outbox } from './outbox'
import { Arrivals } from './pieces/arrivals'
import type { OrderedLane } from './pieces/ordered-lane'
import type { PairSeals } from './sealing/handshake'

/** After so many characters the peer is asked whether it has read them. */
const MARK_LENGTH = 256 * 1024
/** Characters that may be on their way to the peer for pieces to follow: what is more waits here, not at the server. */
const AHEAD_LENGTH = 4 * 1024 * 1024

/** Messages that stand before all others. */
export type Greeting = ReadonlyArray<readonly [kind: InboxMessage, body: string]>

/** What a message without a body counts for. */
const LEAST_LENGTH = 64

/** What a {@link NatsPeer} needs of its transport. */
export interface NatsPeerOptions extends Omit<PeerSessionOptions, 'send' | 'isBehind' | 'isUnread'> {
  /** The id and the key of the peer in subjects. */
  readonly token: string
  readonly keyToken: string
  /** Which of its lives on the server this is. */
  readonly life: string
  /** The name of this node's session with the peer. */
  readonly ownName: string
  readonly makeOutbox: (peer: NatsPeer) => Outbox
  /** Keeps the order of events, and of what tells their number. */
  readonly lane: OrderedLane
  /** The messages of all peers that wait for their rest. */
  readonly unfinished: UnfinishedMessages
  /** What the peer has to know before anything else. */
  readonly greeting: Greeting
  /** What seals the messages of the session, in a mesh with a secret. */
  readonly seals?: PairSeals
  /** Characters that may wait for the peer. */
  readonly maxBacklog: number
  /** Whether the server does not take what this node sends. */
  readonly isServerBehind: () => boolean
  /** Something waits in the outbox. */
  readonly onWaiting: (peer: NatsPeer) => void
  /** The peer has read what was sent to it. */
  readonly onRead: () => void
  /** The peer asks and asks, and reads no answers. */
  readonly onUnread: (peer: NatsPeer) => void
  /** A message is about to be sent that has to come after all events so far, and before all that follow. */
  readonly onOrdered: (peer: NatsPeer) => void
  /** Keeps an event that a peer is to get; false where none is being published. */
  readonly collect: (peer: NatsPeer, event: EncodedValue) => boolean
}

/** A peer, the session with it, and what waits to leave for it. */
export class NatsPeer implements EventTarget {
  readonly session: PeerSession
  /** What it gets of this node's events, and who it is. */
  readonly subscriber: Subscriber
  readonly caller: PeerSession['caller']
  readonly outbox: Outbox
  /** The name of the peer's session with this node, as soon as it tells. */
  theirName: string | undefined
  /** When a text of its session, whatever is in it, or another sign of it came last, by `performance.now()`. */
  heardAt = performance.now()
  probedAt = 0
  /** The count of its last hello. */
  hellos = 0
  /** Since when something is expected of it. */
  expectedAt: number | undefined
  /** When the server first said that nobody listens there. */
  suspectedAt: number | undefined
  isWatched = false
  private readonly arrivals: Arrivals
  private readonly sharedArrivals: Arrivals
  private isLost = false
  private revision: number
  private sent = 0
  private read = 0
  private marked = 0
  private isBehind = false
  private isReading = false

  constructor (readonly options: NatsPeerOptions, revision: number) {
    this.revision = revision
    this.outbox = options.makeOutbox(this)
    this.arrivals = this.makeArrivals(false)
    this.sharedArrivals = this.makeArrivals(true)
    // Events of later have to be behind the key that opens them.
    options.onOrdered(this)
    for (const [kind, body] of options.greeting) this.write(kind, 0, body)
    this.session = new PeerSession({
      ...options,
      isBehind: () => this.checkBehind(),
      isUnread: () => this.checkUnread(),
      send: (kind, id, body) => this.send(kind, id, body)
    })
    this.subscriber = this.session.subscriber
    this.caller = this.session.caller
  }

  get id (): string {
    return this.options.peer.node
  }

  /** Whether the peer has read so much that it may get pieces of long messages. */
  get mayLeave (): boolean {
    return this.sent - this.read < AHEAD_LENGTH
  }

  /** Takes a message of the peer's session. */
  receive (kind: SessionMessage, id: number, body: unknown): void {
    // What is answered needs nothing more of what was asked.
    if (kind === 'reply' && this.outbox.waiting > 0) this.outbox.giveUp(id)
    this.isReading = true
    try {
      this.session.receive(kind, id, body)
    } finally {
      this.isReading = false
    }
  }

  /**
   * Takes a piece of a message that came to this node alone, or where several nodes hear it: those are events.
   *
   * @throws {@link MalformedMessage} for what is none
   */
  receivePiece (number: number, body: unknown, isShared = false): void {
    if (this.isLost) return
    const text = (isShared ? this.sharedArrivals : this.arrivals).take(number, body)
    if (text === undefined) return
    readMessages(text, 0, (kind, id, body) => {
      // Others may speak there in the name of the peer.
      if (isShared && kind !== 'event') throw new MalformedMessage('no event on a subject of events')
      this.receive(sessionKind(kind), id, body)
    })
  }

  /** The peer can't be reached any more. */
  close (): void {
    this.isLost = true
    this.arrivals.clear()
    this.sharedArrivals.clear()
    this.outbox.close()
  }

  /** The peer announced a revision of its contracts. */
  update (revision: number): void {
    if (revision === this.revision) return
    this.revision = revision
    if (!this.session.hasLeft) this.receive('revision', revision, undefined)
  }

  /** Adds a message to what leaves at the end of this tick. */
  write (kind: InboxMessage, id: RequestId, body?: unknown): void {
    if (this.isLost) return
    if (this.outbox.isEmpty) this.options.onWaiting(this)
    this.outbox.add(kind, id, body)
  }

  /** The same for what has to come after all events so far, and before all that follow. */
  writeOrdered (kind: InboxMessage, id: RequestId, body?: unknown): void {
    const { lane, onOrdered } = this.options
    lane.run(lengthOf(body), () => {
      if (this.isLost) return
      onOrdered(this)
      if (this.outbox.isEmpty) this.options.onWaiting(this)
      if (this.outbox.add(kind, id, body, () => lane.release())) lane.block()
    })
  }

  /** So many characters are on their way to the peer. */
  count (length: number): void {
    this.sent += length
    if (this.sent - this.marked < MARK_LENGTH) return
    this.marked = this.sent
    this.options.onOrdered(this)
    this.write('mark', this.sent)
  }

  /** The peer has read all until a mark. */
  onMarked (mark: number): void {
    if (mark > this.read && mark <= this.sent) this.read = mark
    this.options.onRead()
    this.onDrain()
  }

  /** Something has left, so that what could not be sent may be sent now. */
  onDrain (): void {
    if (!this.isBehind || this.checkBehind()) return
    this.isBehind = false
    this.session.onCaughtUp()
  }

  /** Sends an event to this peer alone, in its place among all events. */
  sendDirectly (event: EncodedValue): void {
    this.writeOrdered('event', 0, event)
  }

  private makeArrivals (isShared: boolean): Arrivals {
    const { maxMessageSize, unfinished } = this.options
    // Others may speak where it is shared: what they say of a request or a reply is not for the session.
    return new Arrivals({
      maxMessageSize, unfinished, isShared,
      onRefused: (reason, beginning) => this.onRefused(reason, isShared ? '' : beginning)
    })
  }

  /** A long message is not read: who made a request is told, and who waits for a reply. */
  private onRefused (reason: RejectionReason, beginning: string): void {
    const { host, peer: { address } } = this.options
    host.onRejected?.(reason, address, `of node ${this.id}`)
    const head = messageHead(beginning)
    if (head?.kind === 'request') this.session.refuse(head.id, reason === 'overlongMessage')
    else if (head?.kind === 'reply') this.session.failUnread(head.id)
  }

  private checkBehind (): boolean {
    const { maxBacklog, isServerBehind, lane } = this.options
    const waiting = this.outbox.waiting + lane.waiting
    const isBehind = this.sent - this.read + waiting > maxBacklog || isServerBehind()
    this.isBehind ||= isBehind
    return isBehind
  }

  /** Counts what waits for this peer alone: others may not cost it its replies. */
  private checkUnread (): boolean {
    const { maxBacklog, maxMessageSize, isServerBehind, onUnread } = this.options
    const unread = this.sent - this.read + this.outbox.waiting
    // Events that waited for their turn may add as much again, and each a message that was begun before.
    if (unread > 2 * (maxBacklog + maxMessageSize)) onUnread(this)
    return unread > maxBacklog || isServerBehind()
  }

  private send (kind: SessionMessage, id: RequestId, body: unknown): void {
    const { collect } = this.options
    if (kind === 'event') {
      // A session sends nothing but encoded values as events.
      const event = body as EncodedValue
      if (!collect(this, event)) this.sendDirectly(event)
      return
    }
    if (kind === 'cancel' && this.outbox.waiting > 0 && this.outbox.giveUp(Number(id))) return
    // What is answered at once may tell counts of events: they have to be those that came before it.
    if (kind !== 'end' && (kind !== 'reply' || !this.isReading)) return this.write(kind, id, body)
    // The peer asked for a sign of life, maybe, and gets one that does not wait behind a large event.
    if (kind === 'reply' && this.options.lane.isBlocked) this.write('mark', this.sent)
    this.writeOrdered(kind, id, body)
  }
}

/** About how many characters a body has. */
function lengthOf (body: unknown): number {
  return LEAST_LENGTH + lengthOfBody(body) + lengthOfReply(body)
}
