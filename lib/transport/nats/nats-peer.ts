import { PeerSession } from '../session/peer-session'
import type { PeerSessionOptions, SessionMessage } from '../session/peer-session-options'
import type { RequestId } from '../session/served-calls'
import type { EncodedValue } from '../values/encode-value'
import type { InboxMessage } from './message-text'
import type { Outbox } from './outbox'
import type { PairSeals } from './sealing/handshake'

/** After so many characters the peer is asked whether it has read them. */
const MARK_LENGTH = 256 * 1024

/** Messages that stand before all others. */
export type Greeting = ReadonlyArray<readonly [kind: InboxMessage, body: string]>

/** What a {@link NatsPeer} needs of its transport. */
export interface NatsPeerOptions extends Omit<PeerSessionOptions, 'send' | 'isBehind'> {
  /** The id and the key of the peer in subjects. */
  readonly token: string
  readonly keyToken: string
  /** Which of its lives on the server this is. */
  readonly life: string
  /** The name of this node's session with the peer. */
  readonly ownName: string
  readonly makeOutbox: (peer: NatsPeer) => Outbox
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
  /** A message is about to be sent that has to come after all events so far, and before all that follow. */
  readonly onOrdered: (peer: NatsPeer) => void
  /** Keeps an event that a peer is to get; false where none is being published. */
  readonly collect: (peer: NatsPeer, event: EncodedValue) => boolean
}

/** A peer, the session with it, and what waits to leave for it. */
export class NatsPeer {
  readonly session: PeerSession
  readonly outbox: Outbox
  /** The name of the peer's session with this node, as soon as it tells. */
  theirName: string | undefined
  /** When something was heard of it last, as `performance.now()` gives it. */
  heardAt = performance.now()
  probedAt = 0
  /** The count of its last hello. */
  hellos = 0
  /** Since when something is expected of it. */
  expectedAt: number | undefined
  /** When the server first said that nobody listens there. */
  suspectedAt: number | undefined
  isWatched = false
  private revision: number
  private sent = 0
  private read = 0
  private marked = 0
  private isBehind = false
  private isReading = false

  constructor (readonly options: NatsPeerOptions, revision: number) {
    this.revision = revision
    this.outbox = options.makeOutbox(this)
    // Events of later have to be behind the key that opens them.
    options.onOrdered(this)
    for (const [kind, body] of options.greeting) this.write(kind, 0, body)
    this.session = new PeerSession({
      ...options,
      isBehind: () => this.checkBehind(),
      send: (kind, id, body) => this.send(kind, id, body)
    })
  }

  get id (): string {
    return this.options.peer.node
  }

  /** Takes a message of the peer's session. */
  receive (kind: SessionMessage, id: number, body: unknown): void {
    this.isReading = true
    try {
      this.session.receive(kind, id, body)
    } finally {
      this.isReading = false
    }
  }

  /** The peer announced a revision of its contracts. */
  update (revision: number): void {
    if (revision === this.revision) return
    this.revision = revision
    if (!this.session.hasLeft) this.receive('revision', revision, undefined)
  }

  /** Adds a message to what leaves at the end of this tick. */
  write (kind: InboxMessage, id: RequestId, body?: unknown): void {
    if (this.outbox.isEmpty) this.options.onWaiting(this)
    this.outbox.add(kind, id, body)
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
    this.options.onOrdered(this)
    this.write('event', 0, event)
  }

  private checkBehind (): boolean {
    const { maxBacklog, isServerBehind } = this.options
    const isBehind = this.sent - this.read > maxBacklog || isServerBehind()
    this.isBehind ||= isBehind
    return isBehind
  }

  private send (kind: SessionMessage, id: RequestId, body: unknown): void {
    const { collect, onOrdered } = this.options
    if (kind === 'event') {
      // A session sends nothing but encoded values as events.
      const event = body as EncodedValue
      if (!collect(this, event)) this.sendDirectly(event)
      return
    }
    if (kind === 'end' || (kind === 'reply' && this.isReading)) {
      // What is answered at once may tell counts of events: they have to be those that came before it.
      onOrdered(this)
    }
    this.write(kind, id, body)
  }
}
