import type { MethodMeasure } from '../../inspection/method-measure'
import type { MethodHost } from '../../registry/mesh-node'
import type { ReplyDetails, ReplyHandler, TransportError } from '../../transport/transport'
import type { CallContext } from './call-context'
import type { Invocation } from './invocation'
import { LimitedCall } from './limits/limited-call'

/** A call that one replica at a time has: the request to it, and the time of the attempt. */
export abstract class SentCall extends LimitedCall implements ReplyHandler {
  /** The replica that has the call, and since when; only while it is sent. */
  protected host: MethodHost | undefined
  sentAt = 0
  /** Ends an attempt that takes too long. */
  protected attemptTimer: NodeJS.Timeout | undefined
  /** How often the attempt was sent again, because it was refused for its time. */
  protected timesSentAgain = 0
  private requestId = 0
  private startedAt = 0
  /** The node that had it last. */
  private lastNode: string | undefined
  /** What is measured of the method, while the call is under way. */
  private measure: MethodMeasure | undefined

  constructor (
    protected readonly context: CallContext, protected readonly invocation: Invocation, signals: readonly AbortSignal[]
  ) {
    super(signals, Infinity)
  }

  /** The call begins. @param now - by `performance.now()` */
  protected begin (now: number): void {
    const { context, invocation: { path, method } } = this
    this.watchLimits(context, now)
    this.startedAt = now
    this.measure = context.measures.called.of(path, method)
    this.measure.inFlight++
  }

  /** The call has ended. @param now - by `performance.now()` */
  protected end (now: number, error: unknown): void {
    const { measure, startedAt, lastNode: node, context: { measures: { taps } } } = this
    if (measure === undefined) return
    this.measure = undefined
    measure.ended(now - startedAt, error)
    if (!taps.areOpen) return
    const { path, method, id, data } = this.invocation
    const peer = node === undefined ? {} : { node }
    taps.take({ side: 'called', path, name: method, peer, ms: now - startedAt, error, payload: { id, data } })
  }

  /** A replica gets the call. */
  protected takeHost (host: MethodHost): void {
    this.host = host
    this.lastNode = host.node.id
    this.timesSentAgain = 0
    if (this.measure !== undefined) this.measure.sent++
  }

  /** The replica answered. Returns when, by `performance.now()`. */
  protected leaveAnswered (): number {
    const now = performance.now()
    if (this.host !== undefined) this.context.health.answered(this.host.node.id)
    this.leaveHost(now - this.sentAt)
    return now
  }

  /** The service answered. */
  abstract settle (error: unknown, value?: unknown, details?: ReplyDetails): void

  /** The attempt failed, and not by the service. */
  abstract fail (error: TransportError): void

  /** @throws UnsendableValue, or RangeError, for arguments that can't be sent */
  protected sendRequest (host: MethodHost, deadline: number): void {
    const { context: { transport }, invocation: { method, id, data, params } } = this
    const request = { method, key: host.node.key, path: host.contract.path, id, data, params, deadline }
    this.requestId = transport.request(host.node.id, request, this)
  }

  protected cancelRequest (): void {
    if (this.host !== undefined) this.context.transport.cancel(this.host.node.id, this.requestId)
  }

  /** @param latency - milliseconds until the reply; none when there was no reply */
  protected leaveHost (latency?: number): void {
    if (this.host !== undefined) {
      this.context.choice.finished(this.host, latency)
      if (this.measure !== undefined) this.measure.sent--
    }
    this.host = undefined
    if (this.attemptTimer !== undefined) clearTimeout(this.attemptTimer)
    this.attemptTimer = undefined
  }
}
