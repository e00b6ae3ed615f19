import type { Caller } from '../../contract/contract'
import { readEncoded, readEncodedReply } from '../messages/encoded'
import { readEvent } from '../messages/event'
import { decodeReply, unreadableReply } from '../messages/reply'
import { encodeRequest, fromWireRequest } from '../messages/request'
import {
  MalformedMessage, TransportError, type IncomingCall, type ReplyHandler, type Request
} from '../transport'
import { decodeValue } from '../values/decode-value'
import { encodeValue } from '../values/encode-value'
import { answerControl } from './answer-control'
import { ContractExchange } from './contract-exchange'
import { CONTRACTS, SUBSCRIBE } from './control'
import { OwnRequests } from './own-requests'
import type { PeerSessionOptions } from './peer-session-options'
import { PendingCalls } from './pending-calls'
import { ServedCalls } from './served-calls'
import { Subscriber, type EventTarget } from './subscriber'
import { Subscriptions, type KeptSubscriptions } from './subscriptions'
import { UnsentRequests } from './unsent-requests'

/** The id of messages that need none. */
const NO_ID = 0

/**
 * All that two nodes say to each other, whatever carries it: one for each peer, from the moment that the peer is there
 * until it is lost. A transport gives it the means to send, and passes on to it what comes.
 */
export class PeerSession implements EventTarget {
  readonly caller: Caller
  readonly subscriber: Subscriber
  private left = false
  private closed = false
  /** Whether the peer sends no more requests to this node. */
  private isPeerDone = false
  private readonly pending: PendingCalls
  private readonly unsent = new UnsentRequests()
  private readonly ownRequests = new OwnRequests()
  private readonly served: ServedCalls
  private readonly subscriptions: Subscriptions
  private readonly exchange: ContractExchange

  /** Requests the contracts of the peer; the host learns that it joined when they have come. */
  constructor (private readonly options: PeerSessionOptions) {
    this.caller = Object.freeze({ ...options.peer })
    this.pending = new PendingCalls(options.number)
    this.served = this.makeServedCalls()
    this.subscriber = this.makeSubscriber()
    this.subscriptions = this.makeSubscriptions()
    this.exchange = this.makeContractExchange()
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
    const { isBehind, send, maxMessageSize, peer: { node } } = this.options
    const encoded = encodeRequest(this.inPeerTime(request), maxMessageSize)
    if (this.left) return this.unsent.add(handler, `node ${node} has left`)
    if (this.pending.isFull || isBehind()) {
      this.options.host.onRejected?.('unsentCalls', this.caller.address)
      return this.unsent.add(handler, `too much waits for node ${node} already`)
    }
    const id = this.pending.add(handler)
    send('request', id, encoded)
    return id
  }

  /** Gives a request up, and tells the peer. */
  cancel (id: number): void {
    if (this.unsent.cancel(id) || this.pending.take(id) === undefined) return
    this.options.send('cancel', id)
    this.checkDone()
  }

  /** Tells the peer that this node has other contracts. */
  announce (): void {
    this.options.send('revision', this.options.revision())
  }

  /** Tells the peer which of its events this node wants, if that changed. */
  sync (): void {
    if (!this.left) this.subscriptions.sync(this.exchange.contracts)
  }

  /** What waited for the peer has left: it gets what it missed. */
  onCaughtUp (): void {
    this.subscriber.sendGaps()
    this.exchange.retry()
    if (!this.left) this.subscriptions.retry(this.exchange.contracts)
  }

  /** This node leaves, and nothing is under way any more: the peer learns how many events it was to get. */
  end (): void {
    const { subscriber, options: { send } } = this
    subscriber.sendGaps()
    const { finalCounts } = subscriber
    subscriber.end()
    if (finalCounts !== undefined) send('end', NO_ID, encodeValue({ counts: finalCounts }))
  }

  /** The peer said goodbye, or is lost. To be called before the host learns of it: that unsubscribes then. */
  leave (): void {
    this.left = true
    this.exchange.stop()
    this.checkDone()
  }

  /** The peer can't be reached any more: requests that wait fail, and those that are served are cancelled. */
  close (reason: string): void {
    if (this.closed) return
    const { host, peer, subscribers } = this.options
    this.left = this.closed = true
    this.exchange.stop()
    this.pending.failAll(() => new TransportError(reason, 'unknown'))
    this.served.cancelAll()
    this.subscriptions.close(this)
    subscribers?.part(this)
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
      case 'reply': return this.readReply(numberOf(id), body)
      case 'cancel': return this.served.cancel(id)
      case 'event': return this.readEvent(body)
      case 'revision': return this.exchange.update(numberOf(id))
      case 'done':
        this.isPeerDone = true
        return
      case 'end': return this.subscriptions.finish(this, this.decode(body))
      default: throw new MalformedMessage('a message of an unknown kind')
    }
  }

  private readRequest (id: unknown, body: unknown): void {
    const request = fromWireRequest(this.decode(body))
    if (request === undefined || typeof id !== 'number') throw new MalformedMessage('a request without a type or an id')
    this.served.serve(id, request, this.caller)
  }

  private readReply (id: number, body: unknown): void {
    const handler = this.pending.take(id)
    const { host } = this.options
    const reply = readEncodedReply(body)
    if (handler === undefined) host.onRejected?.('lateReply', this.caller.address)
    else if (reply !== undefined) decodeReply(reply, handler, host.errorClasses)
    else handler.fail(unreadableReply('it is no reply'))
    this.checkDone()
    if (reply === undefined) throw new MalformedMessage('a reply that is none')
  }

  private readEvent (body: unknown): void {
    const message = readEvent(this.decode(body), this.options.peer.key)
    if (message === undefined) throw new MalformedMessage('an event without its fields')
    this.subscriptions.receive(this, message)
  }

  private decode (body: unknown): unknown {
    const encoded = readEncoded(body)
    if (encoded === undefined) throw new MalformedMessage('a body that is no value')
    try {
      return decodeValue(encoded, this.options.host.errorClasses).value
    } catch (error) {
      throw new MalformedMessage('a body that is no value', { cause: error })
    }
  }

  /** Whether callers of this node wait for replies of the peer. */
  private get isWaiting (): boolean {
    return this.pending.size > this.ownRequests.size
  }

  private serve (call: IncomingCall): void {
    const { host, revision } = this.options
    if (!answerControl(call, host, revision(), this)) host.serve(call)
  }

  /** A deadline is written in the clock of who reads it. */
  private inPeerTime (request: Request): Request {
    const { deadline } = request
    return deadline === undefined ? request : { ...request, deadline: deadline + this.exchange.clockOffset }
  }

  /** A node that leaves waits until its peers have no more requests for it. */
  private checkDone (): void {
    if (this.left && !this.closed && !this.isWaiting) this.options.send('done', NO_ID)
    this.options.onIdle()
  }

  private requestOwn (
    { method, data, params }: Pick<Request, 'method' | 'data' | 'params'>, handler: ReplyHandler
  ): void {
    const request = { method, key: this.options.peer.key, path: '', data, params }
    this.ownRequests.add(each => this.request(request, each), id => this.cancel(id), handler)
  }

  private makeServedCalls (): ServedCalls {
    const { host, maxMessageSize, maxInFlight, isBehind, send, onIdle } = this.options
    return new ServedCalls({
      maxMessageSize,
      maxInFlight,
      serve: call => this.serve(call),
      send: (id, reply) => {
        // A peer that sends requests and reads no replies must not fill the memory.
        if (isBehind()) host.onRejected?.('unreadReplies', this.caller.address)
        else send('reply', id, reply)
        onIdle()
      },
      onRejected: host.onRejected ?? (() => {})
    }, true)
  }

  private makeSubscriber (): Subscriber {
    const { host, isBehind, send, subscribers } = this.options
    return new Subscriber({
      key: host.key,
      subscribers,
      isBehind,
      send: event => send('event', NO_ID, event),
      onDropped: () => host.onRejected?.('droppedEvents', this.caller.address)
    })
  }

  private makeSubscriptions (): Subscriptions {
    const { host, interest, isReturning, kept, peer } = this.options
    return new Subscriptions({
      key: peer.key,
      interest,
      isReturning,
      kept,
      source: () => this,
      send: (_source, data, params, { settle, fail }) => {
        this.requestOwn({ method: SUBSCRIBE, data, params: { ...params } }, {
          settle: (error, answer) => error === null ? settle(answer) : fail(),
          fail
        })
      },
      onEvent: message => host.receive(message)
    })
  }

  private makeContractExchange (): ContractExchange {
    const { host, peer } = this.options
    return new ContractExchange({
      peerId: peer.node,
      key: peer.key,
      request: handler => this.requestOwn({ method: CONTRACTS }, handler),
      onContracts: joined => {
        host.joined(joined)
        this.sync()
      },
      onOtherNode: () => host.onRejected?.('malformedFrame', this.caller.address, 'contracts of another node'),
      onUnreadable: () => host.onRejected?.('malformedFrame', this.caller.address, 'an answer without contracts'),
      onFailure: () => false
    })
  }
}

function numberOf (id: unknown): number {
  if (typeof id !== 'number') throw new MalformedMessage('an id that is no number')
  return id
}
