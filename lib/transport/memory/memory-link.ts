import type { Caller } from '../../contract/contract'
import { gapEvent, readEvent } from '../messages/event'
import { decodeReply, type EncodedReply } from '../messages/reply'
import { encodeRequest, fromWireRequest } from '../messages/request'
import { clockOfNode } from '../node-clock'
import { INSPECT } from '../session/control'
import { HeardEvents, type WireCounts, type WireEarlier } from '../session/events/event-counts'
import { DesiredEvents } from '../session/events/desired-events'
import { FirstMeeting } from '../session/events/first-meeting'
import type { Interest, PathInterest } from '../session/events/interest'
import { PendingCalls } from '../session/requests/pending-calls'
import { ServedCalls, type RequestId } from '../session/served-calls'
import type { EventTarget } from '../session/events/publish'
import { Subscriber } from '../session/subscriber'
import type { Subscribers } from '../session/events/subscribers'
import {
  TransportError, type EventGap, type IncomingCall, type ReplyHandler, type Request, type TransportHost
} from '../transport'
import { decodeValue } from '../values/decode-value'
import type { EncodedValue } from '../values/encode-value'

/** What a message is, for those who interfere with it. */
export type MessageKind = 'request' | 'reply' | 'event'

/** Takes messages from one node of a memory network to another. */
export interface Wire {
  /** `deliver` is called later, once, or never. */
  carry (kind: MessageKind, from: string, to: string, deliver: () => void): void
}

/** What a {@link MemoryLink} needs of its node. */
export interface MemoryLinkOptions {
  readonly host: TransportHost
  readonly peer: TransportHost
  readonly wire: Wire
  /** When the two could reach each other first, or again, as `performance.now()` gives it. */
  readonly metAt: number
  /** The subscribers of all links of the node. */
  readonly subscribers: Subscribers
  /** The peer's side of this link; undefined where the two can't reach each other. */
  readonly otherSide: () => MemoryLink | undefined
  /** Whether the peer takes requests: it may have left while calls to it are under way. */
  readonly isThere: () => boolean
  /** A call has ended. */
  readonly onIdle: () => void
}

/** One node's side of what it shares with one peer: its requests, the requests that it serves, and its events. */
export class MemoryLink implements EventTarget {
  /** In one process everybody knows who is who. */
  readonly caller: Caller
  readonly subscriber: Subscriber
  /** What came of the peer's events. */
  heard = new HeardEvents()
  private readonly meeting: FirstMeeting
  private readonly pending = new PendingCalls()
  private readonly served: ServedCalls
  /** Replies and events, and those that have arrived: a node that leaves waits for them. */
  private sent = 0
  private arrived = 0

  constructor (private readonly options: MemoryLinkOptions) {
    const { host, peer, subscribers, metAt } = options
    this.meeting = new FirstMeeting(metAt)
    this.caller = Object.freeze({ node: peer.id, key: peer.key, proven: true, address: 'memory' })
    this.served = new ServedCalls({
      maxMessageSize: Infinity,
      maxInFlight: Infinity,
      serve: call => isQuestion(call) && host.inspect !== undefined ? host.inspect(call) : host.serve(call),
      send: (id, reply) => this.sendReply(id, reply),
      onRejected: () => {}
    }, true)
    this.subscriber = new Subscriber({
      key: host.key,
      caller: () => this.caller,
      subscribers,
      isBehind: () => false,
      send: event => this.carry('event', side => side.receiveEvent(event)),
      onDropped: () => {}
    })
  }

  /** Whether no call waits, here or there. */
  get isIdle (): boolean {
    return this.pending.size === 0 && this.served.size === 0 && this.sent === this.arrived
  }

  /** Sends a request, and returns the id to cancel it by. */
  request (request: Request, handler: ReplyHandler): number {
    const encoded = encodeRequest(inClockOf(this.options, request))
    const id = this.pending.add(handler)
    const { host, peer, wire, otherSide, isThere } = this.options
    wire.carry('request', host.id, peer.id, () => {
      // A request that was cancelled until now is never sent.
      if (!this.pending.has(id)) return
      const side = isThere() ? otherSide() : undefined
      if (side !== undefined) side.receiveRequest(id, encoded)
      else this.pending.take(id)?.fail(new TransportError(`node ${peer.id} has left`, 'not-sent'))
    })
    return id
  }

  /** Gives a request up, and tells the peer. */
  cancel (id: number): void {
    if (this.pending.take(id) === undefined) return
    this.options.onIdle()
    setImmediate(() => this.options.otherSide()?.receiveCancel(id))
  }

  /** The paths of the peer's services. */
  get peerPaths (): readonly string[] {
    return this.options.peer.contracts().map(({ path }) => path)
  }

  /** Tells a gap in the events of the peer. */
  tellGap (path: string, gap: EventGap): void {
    const { host, peer } = this.options
    host.receive(gapEvent(path, peer.key, gap))
  }

  /** Listeners that were there before the peer missed what that published before they subscribed. */
  tellEarlier (earlier: WireEarlier, interest: Interest): void {
    for (const [path, count, ageMs] of earlier) {
      const missed = this.meeting.missed(path, interest.since(path), { count, ageMs })
      if (missed > 0) this.tellGap(path, { missed, reason: 'disconnected' })
    }
    this.meeting.add(interest.hasGroups ? this.withGroups(interest) : interest.all)
  }

  /** The paths of which this node wants events of the peer, those of its groups included. */
  pathsOf (interest: Interest): PathInterest {
    return interest.hasGroups ? this.withGroups(interest) : interest
  }

  private withGroups (interest: Interest): ReadonlySet<string> {
    return new DesiredEvents(new Set(interest.all), interest.groupsFor(this.options.peer.key)).paths
  }

  /** Makes a question: whether all that was sent until now has arrived, or never will. */
  arrival (): () => boolean {
    const { sent } = this
    return () => this.arrived >= sent
  }

  /** The peer told how many events there were: what is missing of them does not come any more. */
  settle (counts: WireCounts): void {
    for (const [path, count] of counts) {
      const missed = this.heard.settle(path, count)
      if (missed > 0) this.tellGap(path, { missed, reason: 'disconnected' })
    }
  }

  /** Requests that wait fail, and those that are served are cancelled: the other side can't be reached any more. */
  close (reason: string): void {
    this.pending.failAll(() => new TransportError(reason, 'unknown'))
    this.served.cancelAll()
    this.arrived = this.sent
    this.options.onIdle()
  }

  private receiveRequest (id: number, encoded: EncodedValue): void {
    const request = fromWireRequest(decodeValue(encoded, this.options.host.errorClasses).value)
    if (request !== undefined) this.served.serve(id, request, this.caller)
  }

  private receiveCancel (id: number): void {
    this.served.cancel(id)
    this.options.onIdle()
  }

  private sendReply (id: RequestId, reply: EncodedReply): void {
    this.carry('reply', side => side.receiveReply(Number(id), reply))
  }

  private receiveReply (id: number, reply: EncodedReply): void {
    const { host } = this.options
    const handler = this.pending.take(id)
    if (handler === undefined) host.onRejected?.('lateReply', '')
    else decodeReply(reply, handler, host.errorClasses)
    this.options.onIdle()
  }

  private receiveEvent (encoded: EncodedValue): void {
    const { host, peer } = this.options
    const message = readEvent(decodeValue(encoded, host.errorClasses).value, peer.key)
    if (message === undefined) return
    this.heard.add(message.path)
    host.receive(message)
  }

  private carry (kind: 'reply' | 'event', deliver: (side: MemoryLink) => void): void {
    const { host, peer, wire, otherSide } = this.options
    this.sent++
    wire.carry(kind, host.id, peer.id, () => {
      const side = otherSide()
      if (side !== undefined) deliver(side)
      this.arrived = Math.min(this.sent, this.arrived + 1)
      this.options.onIdle()
    })
  }
}

/** Whether a request asks what this node measured. */
function isQuestion ({ request: { method } }: IncomingCall): boolean {
  return method === INSPECT
}

/**
 * A request with its deadline in the clock of the peer. Both nodes are in one process: each can read the clock of the
 * other, which nothing can delay, suspend or set apart from its own. So no samples of it are kept, and none is awaited.
 */
function inClockOf ({ host, peer }: MemoryLinkOptions, request: Request): Request {
  const { deadline } = request
  // What else a peer sent in its place is for the host to refuse.
  if (typeof deadline !== 'number' || (host.now === undefined && peer.now === undefined)) return request
  return { ...request, deadline: deadline + clockOfNode(peer)() - clockOfNode(host)() }
}
