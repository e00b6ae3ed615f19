import type { MethodMeasure } from '../../inspection/method-measure'
import type { MethodHost } from '../../registry/mesh-node'
import type { ReplyDetails, ReplyHandler, Request, TransportError } from '../../transport/transport'
import type { CallContext } from './call-context'
import type { Invocation } from './invocation'
import { LimitedCall } from './limits/limited-call'

/** Where a call is in the diagram of `Call`. */
export type CallState = 'idle' | 'waiting' | 'sent' | 'paused' | 'settled'

/** A call that one replica at a time has: the request to it, and the time of the attempt. */
export abstract class SentCall extends LimitedCall implements ReplyHandler {
  protected state: CallState = 'idle'
  /** The replica that has the call, and since when; only while it is sent. */
  protected host: MethodHost | undefined
  sentAt = 0
  /** Ends an attempt that takes too long. */
  protected attemptTimer: NodeJS.Timeout | undefined
  /** How often the attempt was sent again, because it was refused for its time. */
  protected timesSentAgain = 0
  private requestId = 0
  /** What is measured of the method, while the call is under way. */
  private measure: MethodMeasure | undefined
  /** Whether it is measured as one that no node has. */
  private isWaiting = false

  constructor (
    protected readonly context: CallContext, protected readonly invocation: Invocation, signals: readonly AbortSignal[]
  ) {
    super(signals, Infinity)
  }

  /** The call begins. @param now - by `performance.now()` */
  protected begin (now: number): void {
    const { context, invocation: { path, method } } = this
    this.watchLimits(context, now)
    const measure = this.measure = context.measures.called.of(path, method)
    measure.inFlight++
  }

  /** No node has the call. */
  protected stall (state: 'waiting' | 'paused'): void {
    this.state = state
    if (this.measure === undefined || this.isWaiting) return
    this.isWaiting = true
    this.measure.waiting++
  }

  /** Reads when the call is answered, by `performance.now()`: many are answered at a time, and share that. */
  protected readAnswerTime (): number {
    return this.context.measures.clock.end(this.measure?.inFlight ?? 0)
  }

  /**
   * The call has ended.
   *
   * @param now - by `performance.now()`
   * @param host - who answered it
   * @returns how many milliseconds it took; undefined where it had not begun
   */
  protected end (now: number, error: unknown, host?: MethodHost): number | undefined {
    const { measure } = this
    if (measure === undefined) return undefined
    this.measure = undefined
    if (this.isWaiting) measure.waiting--
    // A call without a deadline is measured from its last attempt on.
    const ms = this.due === 0 ? now - this.sentAt : now - this.due + this.timeMs
    measure.ended(ms, error)
    if (this.context.measures.taps.areOpen) this.show(ms, error, host)
    return ms
  }

  /** A replica gets the call. */
  protected takeHost (host: MethodHost): void {
    this.context.measures.clock.begin()
    this.host = host
    this.timesSentAgain = 0
    if (!this.isWaiting) return
    this.isWaiting = false
    if (this.measure !== undefined) this.measure.waiting--
  }

  private show (ms: number, error: unknown, host: MethodHost | undefined): void {
    const { context: { measures: { taps } }, invocation: { path, method: name, id, data } } = this
    const peer = host === undefined ? {} : { node: host.node.id, key: host.node.key }
    taps.take({ side: 'called', path, name, peer, ms, error, payload: { id, data } })
  }

  /** The service answered. */
  abstract settle (error: unknown, value?: unknown, details?: ReplyDetails): void

  /** The attempt failed, and not by the service. */
  abstract fail (error: TransportError): void

  /** @throws UnsendableValue, or RangeError, for arguments that can't be sent */
  protected sendRequest (host: MethodHost, deadline: number): void {
    this.requestId = this.context.transport.request(host.node.id, this.requestTo(host, deadline), this)
  }

  /** What the host gets. */
  protected requestTo (host: MethodHost, deadline: number): Request {
    const { method, id, data, params } = this.invocation
    return { method, key: host.node.key, path: host.contract.path, id, data, params, deadline }
  }

  protected cancelRequest (): void {
    if (this.host !== undefined) this.context.transport.cancel(this.host.node.id, this.requestId)
  }

  /** @param latency - milliseconds until the reply; none when there was no reply */
  protected leaveHost (latency?: number): void {
    if (this.host !== undefined) this.context.choice.finished(this.host, latency)
    this.host = undefined
    if (this.attemptTimer !== undefined) clearTimeout(this.attemptTimer)
    this.attemptTimer = undefined
  }
}
