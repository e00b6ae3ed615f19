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
  private requestId = 0

  constructor (
    protected readonly context: CallContext, protected readonly invocation: Invocation, signals: readonly AbortSignal[]
  ) {
    super(signals, Infinity)
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
    if (this.host !== undefined) this.context.choice.finished(this.host, latency)
    this.host = undefined
    if (this.attemptTimer !== undefined) clearTimeout(this.attemptTimer)
    this.attemptTimer = undefined
  }
}
