import type { Caller } from '../../contract/contract'
import { fieldsOf } from '../../record'
import { readEncodedReply } from '../messages/encoded'
import { readEvent } from '../messages/event'
import { throwIfOversize } from '../messages/message-size'
import { decodeReply, unreadableReply, type EncodedReply } from '../messages/reply'
import { RequestEncoder } from '../messages/request'
import { clockOfNode, type ClockOfNode } from '../node-clock'
import { MalformedMessage, TransportError, type IncomingCall, type ReplyHandler, type Request } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import { answerControl, type ControlSource } from './answer-control'
import { ClockAlarm } from './clocks/clock-alarm'
import type { ContractExchange } from './contracts/contract-exchange'
import { CONTRACTS, PING } from './control'
import { HeldRequests } from './clocks/held-requests'
import { OwnRequests } from './requests/own-requests'
import { PeerClock } from './clocks/peer-clock'
import { decodeBody, decodeRequest, lengthOfBody, readNumber } from './message-body'
import type { PeerSessionOptions } from './peer-session-options'
import { PendingCalls } from './requests/pending-calls'
import type { RequestId, ServedCalls } from './served-calls'
import {
  contractsOf, CONTRACTS_REQUEST, IGNORED, NO_ID, servedCallsOf, subscriberOf, subscriptionsOf, type OwnRequest
} from './session-parts'
import type { Subscriber } from './subscriber'
import type { KeptSubscriptions, PeerSubscriptions } from './events/subscriptions-options'
import { UnsentRequests } from './requests/unsent-requests'

/**
 * All that two nodes say to each other, whatever carries it: one for each peer, from the moment that the peer is there
 * until it is lost. A transport gives it the means to send, and passes on to it what comes.
 */
export class PeerSession implements ControlSource {
  readonly caller: Caller
  readonly alarm: ClockAlarm
  readonly subscriber: Subscriber
  private left = false
  private closed = false
  /** Whether the peer sends no more requests to this node, which leaves. */
  isPeerDone = false
  private readonly pending = new PendingCalls()
  private readonly unsent = new UnsentRequests()
  private readonly ownRequests = new OwnRequests()
  private readonly encoder = new RequestEncoder()
  private readonly served: ServedCalls
  private readonly subscriptions: PeerSubscriptions
  private readonly exchange: ContractExchange
  private readonly now: ClockOfNode
  readonly clock: PeerClock
  private readonly held: HeldRequests

  /** Requests the contracts of the peer; the host learns that it joined when they have come. */
  constructor (private readonly options: PeerSessionOptions) {
    this.caller = Object.freeze({ ...options.peer })
    this.now = clockOfNode(options.host)
    this.alarm = new ClockAlarm(this.now)
    this.clock = new PeerClock(() => this.held.send(true), this.now)
    const send = (id: number, encoded: EncodedValue): void => options.send('request', id, encoded)
    this.held = new HeldRequests({ pending: this.pending, encode: request => this.encode(request), send })
    this.served = servedCallsOf(options, call => this.serve(call), (id, reply) => this.sendReply(id, reply))
    this.subscriber = subscriberOf(options)
    this.subscriptions = subscriptionsOf(options, this, (request, handler) => this.requestOwn(request, handler))
    this.exchange = contractsOf(options, handler => this.requestOwn(CONTRACTS_REQUEST, handler), () => this.sync())
    this.exchange.fetch()
  }

  /** Whether the peer said goodbye: it answers what it has, and takes no more requests. */
  get hasLeft (): boolean {
    return this.left
  }

  /** Whether nothing is under way, and the peer knows that this node leaves. */
  get isDrained (): boolean {
    return this.isPeerDone && !this.isWaiting && this.served.size === 0
  }

  /** Whether callers of this node wait for replies of the peer. */
  get isWaiting (): boolean {
    return this.pending.size > this.ownRequests.size
  }

  /** Whether the peer has events for this node. */
  get isListening (): boolean {
    return this.subscriptions.isActive
  }

  /** Whether the peer waits for replies or events of this node. */
  get isServing (): boolean {
    return this.served.size > 0 || this.subscriber.isActive
  }

  /** What to keep when the peer is lost, in case that it returns. */
  get kept (): KeptSubscriptions {
    return this.subscriptions.kept
  }

  /**
   * Sends a request, as `Transport.request` does.
   *
   * @throws {@link UnsendableValue}, or RangeError, for a request that can't be sent
   */
  request (request: Request, handler: ReplyHandler): number {
    const { isBehind, send, peer: { node } } = this.options
    const encoded = this.encode(request, handler.sentAt)
    if (this.left) return this.unsent.add(handler, `node ${node} has left`)
    if (this.pending.isFull || isBehind()) {
      this.options.host.onRejected?.('unsentCalls', this.caller.address)
      return this.unsent.add(handler, `too much waits for node ${node} already`)
    }
    const id = this.pending.add(handler)
    if (request.deadline === undefined || this.clock.isKnown) send('request', id, encoded)
    else this.held.add(id, request, encoded)
    return id
  }

  /** Gives a request up, and tells the peer. */
  cancel (id: number): void {
    if (this.unsent.cancel(id) || this.pending.take(id) === undefined) return
    if (!this.held.delete(id)) this.options.send('cancel', id)
    this.checkDone()
  }

  /** Requests that were sent, and that the peer certainly did not get: they may go elsewhere. */
  failUnsent (ids: readonly number[], reason: string): void {
    for (const id of ids) this.pending.take(id)?.fail(new TransportError(reason, 'not-sent'))
    this.checkDone()
  }

  /** Refuses a request that was not read, as it is too long, or as too much is unfinished: nothing ran. */
  refuse (id: number, isTooLong: boolean): void {
    this.served.refuseUnfinished(id, isTooLong)
  }

  /** A reply came that was not read. */
  failUnread (id: number): void {
    this.pending.take(id)?.fail(unreadableReply('it is too long, or too much is unfinished'))
    this.checkDone()
  }

  /** Asks for a sign of life. The answer has the counts of events, so that what was lost on the way is told. */
  ping (): void {
    const settle = (error: unknown, answer: unknown): void => {
      if (error === null) this.subscriptions.check(this, answer)
    }
    this.requestOwn({ method: PING }, { ...IGNORED, settle })
  }

  /** Tells the peer that this node has other contracts. */
  announce (): void {
    this.options.send('revision', this.options.revision())
  }

  /** Tells the peer which of its events this node wants, if that changed. */
  sync (): void {
    if (!this.left) this.subscriptions.sync(this.exchange.contracts)
  }

  /** Resolves when the peer has answered what {@link PeerSession.sync} told it. */
  async settled (): Promise<void> {
    await this.subscriptions.settled()
  }

  /** What waited for the peer has left: it gets what it missed. */
  onCaughtUp (): void {
    this.subscriber.sendGaps()
    this.exchange.retry()
    if (!this.left) this.subscriptions.retry(this.exchange.contracts)
  }

  /** Nothing came from the peer for `silenceTimeout`, and it answers no probe. May be called again and again. */
  onSilent (): void {
    this.pending.tellUnanswered()
  }

  /** This node leaves, and nothing is under way any more: the peer learns how many events it was to get. */
  end (): void {
    const counts = this.subscriber.finish()
    if (counts !== undefined) this.options.send('end', NO_ID, encodeValue({ counts }))
  }

  /** The peer said goodbye, or is lost. To be called before the host learns of it: that unsubscribes then. */
  leave (): void {
    this.left = true
    this.exchange.stop()
    this.subscriptions.leave?.()
    this.held.fail('the node has left')
    this.checkDone()
  }

  /** The peer can't be reached any more: requests that wait fail, and those that are served are cancelled. */
  close (reason: string): void {
    if (this.closed) return
    const { host, peer, subscribers } = this.options
    this.left = this.closed = true
    this.exchange.stop()
    this.held.fail(reason)
    this.pending.failAll(() => new TransportError(reason, 'unknown'))
    this.served.cancelAll()
    this.subscriptions.leave?.()
    this.subscriptions.close(this)
    const lost = subscribers?.part(this) ?? []
    if (lost.length > 0) host.memberLost?.(lost)
    host.ended?.(peer.node)
    this.options.onIdle()
  }

  /** Takes a message that the peer sent: anything. What is no message is counted, and has no effect. */
  receive (kind: unknown, id: unknown, body: unknown): void {
    if (this.closed) return
    try {
      this.read(kind, id, body)
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      this.options.host.onRejected?.('malformedFrame', this.caller.address, error.message)
    }
    this.options.onIdle()
  }

  private read (kind: unknown, id: unknown, body: unknown): void {
    switch (kind) {
      case 'request': return this.readRequest(id, body)
      case 'reply': return this.readReply(readNumber(id), body)
      case 'cancel': return this.served.cancel(id)
      case 'event': return this.readEvent(body)
      case 'revision': return this.exchange.update(readNumber(id))
      case 'done':
        this.isPeerDone = true
        return
      case 'end': return this.subscriptions.finish(this, decodeBody(body, this.options.host.errorClasses))
      default: throw new MalformedMessage('a message of an unknown kind')
    }
  }

  private readRequest (id: unknown, body: unknown): void {
    const request = decodeRequest(body, this.options.host.errorClasses)
    if (typeof id !== 'number') throw new MalformedMessage('a request without an id')
    this.alarm.check()
    if (request instanceof Error) return this.served.refuseUnread(id, this.caller, request.message)
    this.served.serve(id, request, this.caller, lengthOfBody(body))
  }

  private readReply (id: number, body: unknown): void {
    const handler = this.pending.take(id)
    const { host } = this.options
    const reply = readEncodedReply(body)
    this.clock.read(fieldsOf(body).now)
    if (handler === undefined) host.onRejected?.('lateReply', this.caller.address)
    else if (reply !== undefined) decodeReply(reply, handler, host.errorClasses, now => this.onRefusedAsLate(now))
    else handler.fail(unreadableReply('it is no reply'))
    this.checkDone()
    if (reply === undefined) throw new MalformedMessage('a reply that is none')
  }

  private readEvent (body: unknown): void {
    const message = readEvent(decodeBody(body, this.options.host.errorClasses), this.options.peer.key)
    if (message === undefined) throw new MalformedMessage('an event without its fields')
    this.subscriptions.receive(this, message)
  }

  private serve (call: IncomingCall): void {
    const { host, revision } = this.options
    const { method, data } = call.request
    if (method === CONTRACTS && fieldsOf(data).readsClock === true) this.alarm.peerProves = true
    if (!this.alarm.refuses(call) && !answerControl(call, host, { revision: revision() }, this)) host.serve(call)
  }

  /** A deadline is written in the clock of who reads it. @param now - by `performance.now()` */
  private encode (request: Request, now?: number): EncodedValue {
    const { deadline } = request
    const sent = deadline === undefined ? deadline : this.clock.toPeerTime(deadline, now)
    const encoded = this.encoder.encode(request, sent)
    throwIfOversize(encoded, this.options.maxMessageSize)
    return encoded
  }

  private onRefusedAsLate (now: number | undefined): void {
    this.clock.refuted(now, {
      fetch: () => this.exchange.fetch(),
      ping: proof => this.requestOwn({ method: PING, data: proof }, IGNORED)
    })
  }

  /** A node that leaves waits until its peers have no more requests for it. */
  private checkDone (): void {
    if (this.left && !this.closed && !this.isWaiting) this.options.send('done', NO_ID)
    this.options.onIdle()
  }

  private requestOwn ({ method, data, params }: OwnRequest, handler: ReplyHandler): void {
    const request = { method, key: this.options.peer.key, path: '', data, params }
    this.ownRequests.add(each => this.request(request, each), id => this.cancel(id), this.clock.readingFrom(handler))
  }

  /** Once a second the clock goes with it. */
  private sendReply (id: RequestId, reply: EncodedReply): void {
    const now = this.now()
    this.options.send('reply', id, this.alarm.isToTell(now) ? { ...reply, now: Math.floor(now) } : reply)
  }
}
