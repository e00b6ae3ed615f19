import {
  MalformedMessage, TransportError, type ReplyDetails, type ReplyHandler, type Request
} from '../../transport'
import { messageOf } from '../../../printable'
import { fieldsOf } from '../../../record'
import { readEvent } from '../../messages/event'
import { throwIfOversize } from '../../messages/message-size'
import { isRefusedAsLate, readError, settleError, unreadableReply } from '../../messages/reply'
import { RequestEncoder, toLegacyRequest } from '../../messages/request'
import { HeldRequests } from '../../session/clocks/held-requests'
import type { PeerClock } from '../../session/clocks/peer-clock'
import { CALLER, CANCEL, DONE, type Introduction } from '../../session/control'
import { PendingCalls } from '../../session/requests/pending-calls'
import { UnsentRequests } from '../../session/requests/unsent-requests'
import type { EncodedValue } from '../../values/encode-value'
import { placeOf } from '../addresses'
import { CLOCK_ID, EVENT_ID, GOODBYE_ID, idArgument, json, NO_REPLY_ID, string } from '../wire/arguments'
import { isBeside, isValue, readArgument, readId, readValue } from '../wire/frame-argument'
import { lengthOf, type Frame } from '../wire/frame-parser'
import { connectionSettings } from '../wire/connection'
import { DialledConnection } from './dialled-connection'
import type { OutboundOptions } from './outbound-options'
import type { Place } from './peer-places'
import { SilenceWatch } from './watch/silence-watch'

const OTHER_NODE = 'another node answers there'

/** How this side leaves: it closes, or tells that it only listens and reads to the end of what the peer sends. */
type Ending = 'closes' | 'reads' | 'listens'

/** A connection that this node made to a peer: its requests, their replies, and the events that come back. */
export class OutboundConnection {
  lastUsed = performance.now()
  /** Whether this side closes the connection, or is about to. */
  ended = false
  /** What it was opened with. */
  readonly credential: string
  /** Where it leads to. */
  readonly place: Place
  private readonly pending = new PendingCalls()
  private readonly dialled: DialledConnection
  private readonly encoder = new RequestEncoder()
  private readonly silence = new SilenceWatch(this)
  private readonly held: HeldRequests
  /** Whether the peer owes the answer to the introduction. */
  private isIntroducing: boolean
  /** The id of the introduction while its answer is awaited. */
  private introductionId: number | undefined
  /** Whether another node answered the introduction: it gets no request. */
  private isOther = false
  private ending: () => Ending = () => 'closes'
  private hasSaidDone = false
  private readonly refused = new UnsentRequests()

  constructor (private readonly options: OutboundOptions) {
    const { address: host, port, key, security, connectTimeout, maxEventRate, onRejected, onShortage } = options
    this.place = { address: host, port }
    this.credential = security.credential()
    this.isIntroducing = options.introduction !== undefined && options.answersIntroduction === true
    this.held = new HeldRequests({
      pending: this.pending,
      encode: request => this.encode(request, performance.now()),
      send: (id, encoded) => this.dialled.connection.sendValue(encoded, id)
    })
    this.dialled = new DialledConnection({
      address: host,
      dial: onReady => security.dial({ host, port, key }, onReady),
      ...connectionSettings(options), connectTimeout, maxEventRate, onRejected, onShortage,
      onOpen: () => this.onOpen(),
      onFrame: frame => this.onFrame(frame),
      onClose: opened => this.onClose(opened)
    })
  }

  /** When it was begun, as `performance.now()` gives it. */
  get startedAt (): number {
    return this.dialled.startedAt
  }

  get whenClosed (): Promise<void> { return this.dialled.whenClosed }

  get closed (): boolean { return this.dialled.connection.closed }

  /** The clock of the peer; none where deadlines are not sent in it. */
  get clock (): PeerClock | undefined {
    return this.options.clock
  }

  /** Whether there ever was a connection. */
  get opened (): boolean { return this.dialled.opened }

  /** Bytes that came from the peer. */
  get bytesRead (): number {
    return this.dialled.bytesRead
  }

  /** Why there is no connection, or none any more; undefined where nobody knows. */
  get failure (): string | undefined {
    return this.dialled.failure
  }

  /** Bytes that have not left this process. */
  get backlog (): number {
    return this.dialled.connection.backlog
  }

  /** Requests that wait for their reply. */
  get waiting (): number { return this.pending.size }

  /**
   * Sends a request; the handler is called once, later.
   *
   * @returns the id to cancel it by
   * @throws {@link UnsendableValue}, or RangeError, for a request that can't be sent
   */
  request (request: Request, handler: ReplyHandler): number {
    const { dialled, pending, held, options: { maxMessageSize, maxBacklog } } = this
    const { sentAt: now = performance.now() } = handler
    const encoded = this.encode(request, now)
    throwIfOversize(encoded, maxMessageSize)
    if (this.isOther) return this.refused.add(handler, OTHER_NODE)
    if (dialled.connection.backlog + held.length > maxBacklog || pending.isFull) return this.failForBacklog(handler)
    const id = pending.add(handler)
    this.lastUsed = now
    if (dialled.opened && (request.deadline === undefined || this.knowsClock)) dialled.connection.sendValue(encoded, id)
    else held.add(id, request, encoded)
    return id
  }

  /** Gives a request up. A mesh node is notified, so that it stops. */
  cancel (id: number): void {
    if (this.refused.cancel(id) || this.pending.take(id) === undefined) return
    if (!this.held.delete(id) && this.opened && this.options.isMeshNode) this.sendControl(CANCEL, id)
    this.checkDrained()
  }

  /** Sends what waited for the connection, and, where that is known, for the clock of the peer. */
  sendHeld (): void {
    if (this.opened && !this.closed) this.held.send(this.knowsClock)
  }

  /**
   * Checks whether the peer is silent while requests wait; they may leave it then.
   *
   * @returns whether it is
   */
  checkSilence (): boolean {
    const isSilent = this.silence.check()
    if (isSilent) this.pending.tellUnanswered()
    return isSilent
  }

  /** Requests that were not sent yet are not sent: the peer does not say who it is. */
  failHeld (reason: string): void { this.held.fail(reason) }

  /** Closes when no request waits any more. */
  drain (): void {
    this.endBy(() => 'closes')
  }

  /**
   * Sends no more requests of callers, and takes the events of a peer that leaves until that ends the connection.
   *
   * @param isCounting - whether the peer counts events, and so waits for who listens; called when it has answered all
   *   requests: its answer to a subscription tells
   */
  listenToEnd (isCounting: () => boolean): void {
    this.endBy(() => isCounting() ? 'listens' : 'reads')
  }

  /** Closes now; requests that wait fail. */
  destroy (): void {
    this.ended = true
    this.dialled.connection.destroy()
  }

  /** Whether requests with a deadline can be sent. */
  private get knowsClock (): boolean {
    return !this.isIntroducing && this.options.clock?.isKnown !== false
  }

  /** @param now - by `performance.now()` */
  private encode (request: Request, now: number): EncodedValue {
    const { isMeshNode, clock } = this.options
    if (!isMeshNode) return { plain: true, text: json(toLegacyRequest(request)).text }
    const { deadline } = request
    return this.encoder.encode(request, deadline === undefined ? deadline : clock?.toPeerTime(deadline, now))
  }

  /** Too much waits to leave: a peer that does not read must not fill the memory. */
  private failForBacklog (handler: ReplyHandler): number {
    const { pending, options: { maxBacklog, address, onRejected } } = this
    onRejected?.('unsentCalls', address)
    const reason = pending.isFull ? `${pending.size} requests` : `${maxBacklog} bytes`
    return this.refused.add(handler, `${reason} wait for the peer already`)
  }

  private sendControl (method: string, data: unknown): void {
    this.dialled.connection.send(json({ type: method, data }), string(NO_REPLY_ID))
  }

  private onOpen (): void {
    const { introduction } = this.options
    if (introduction !== undefined) this.introduce(introduction)
    this.sendHeld()
  }

  private introduce (introduction: Introduction): void {
    // Where no request can wait any more, that for the introduction can't either.
    this.isIntroducing &&= !this.pending.isFull
    if (!this.isIntroducing) return this.sendControl(CALLER, introduction)
    const settle = (_error: unknown, answer: unknown): void => {
      this.isIntroducing = false
      this.introductionId = undefined
      const { peerId } = this.options
      const { id = peerId } = fieldsOf(answer)
      this.isOther = peerId !== undefined && id !== peerId
      if (this.isOther) this.held.fail(OTHER_NODE)
      this.options.onIntroduced?.(answer)
      this.sendHeld()
    }
    const handler = { settle, fail: () => {} }
    this.introductionId = this.pending.add(this.options.clock?.timing(handler) ?? handler)
    this.dialled.connection.send(json({ type: CALLER, data: introduction }), idArgument(this.introductionId))
  }

  private onFrame (frame: Frame): void {
    if (frame.count < 2) throw new MalformedMessage('a reply without an id')
    const id = readId(frame, frame.count - 1)
    if (id === EVENT_ID) return this.onEvent(frame)
    if (id === GOODBYE_ID) return this.options.onGoodbye(readArgument(frame, 0, this.options.errorClasses))
    if (id === CLOCK_ID) return this.options.clock?.read(readArgument(frame, 0))
    const handler = this.pending.take(Number(id))
    // Its time was over, or it was cancelled.
    if (handler === undefined) return this.options.onLateReply?.()
    this.settle(handler, frame)
    this.checkDrained()
  }

  private onEvent (frame: Frame): void {
    const { key, errorClasses, onEvent } = this.options
    this.dialled.countMessage()
    const message = readEvent(readValue(frame, 0, errorClasses).value, key)
    if (message === undefined) throw new MalformedMessage('an event without its fields')
    onEvent(message, lengthOf(frame))
  }

  /** Most replies are results without details: they are read first, and without an object for what is not there. */
  private settle (handler: ReplyHandler, frame: Frame): void {
    const { errorClasses } = this.options
    let error: unknown, value: unknown, details: ReplyDetails | undefined
    try {
      error = readArgument(frame, 0, errorClasses)
      const isPlain = !isValue(frame, 0)
      if (error !== null || !isPlain) error = readError(error, isPlain)
      if (isBeside(frame, 2)) ({ value, details } = readValue(frame, 1, errorClasses))
      else if (error === null && frame.count > 2) value = readArgument(frame, 1, errorClasses)
    } catch (unreadable) {
      // It may end the connection, and nobody else would notify this request.
      handler.fail(unreadableReply(messageOf(unreadable)))
      this.checkDrained()
      throw unreadable
    }
    if (isRefusedAsLate(error)) this.options.onLate?.(error.now)
    if (error !== null) settleError(handler, error, details)
    else if (details === undefined) handler.settle(null, value)
    else handler.settle(null, value, details)
  }

  private onClose (opened: boolean): void {
    const { options: { address, port, onClose }, dialled: { failure } } = this
    const where = placeOf(address, port)
    const why = failure === undefined ? '' : `: ${failure}`
    const reason = opened ? `the connection to ${where} was lost` : `no connection to ${where}${why}`
    this.held.fail(reason)
    this.pending.failAll(() => new TransportError(reason, opened ? 'unknown' : 'not-sent'))
    onClose(opened)
  }

  private endBy (ending: () => Ending): void {
    this.ended = true
    this.ending = ending
    this.silence.stop()
    this.checkDrained()
  }

  private checkDrained (): void {
    // Nobody waits for the answer to the introduction.
    const introductions = this.introductionId === undefined ? 0 : 1
    if (!this.ended || this.pending.size > introductions) return
    if (!this.opened) return this.dialled.connection.destroy()
    const ending = this.ending()
    if (ending === 'closes') return this.dialled.close()
    if (ending === 'reads') return this.dialled.connection.closeAfterReading()
    if (!this.hasSaidDone) this.sendControl(DONE, null)
    this.hasSaidDone = true
  }
}
