import { OK } from '../../inspection/outcome'
import type { CalledTrace, ServedTrace, TraceHeaders } from '../call-tracer'
import { ATTEMPT, ERROR_TYPE, FAILED, PEER, RETRY, STATUS } from './conventions'
import type { Measured } from './measured'
import type { OtelApi, OtelContext, OtelSpan } from './otel-api'

/** A span whose duration is measured as well. */
class MeasuredSpan {
  constructor (protected readonly span: OtelSpan, private readonly measured: Measured) {}

  /** It has ended, with an error or without. @param ms - how long it took */
  ended (error: unknown, ms: number): void {
    const { span, measured } = this
    const type = measured.record(error, ms)
    if (span.isRecording()) {
      if (measured.hasStatus) span.setAttribute(STATUS, type ?? OK)
      if (type !== undefined) {
        span.setAttribute(ERROR_TYPE, type)
        span.setStatus(FAILED)
      }
    }
    span.end()
  }
}

/** The span of a call to another node. */
export class CalledSpan extends MeasuredSpan implements CalledTrace {
  private attempts = 0

  constructor (span: OtelSpan, measured: Measured, readonly headers: TraceHeaders | undefined) {
    super(span, measured)
  }

  sent (node: string): void {
    const attempt = ++this.attempts
    if (!this.span.isRecording()) return
    this.span.setAttribute(PEER, node)
    if (attempt > 1) this.span.addEvent(RETRY, { [ATTEMPT]: attempt, [PEER]: node })
  }
}

/** The span of a call that this node serves, or of an event that a listener hears. */
export class ServedSpan extends MeasuredSpan implements ServedTrace {
  constructor (
    span: OtelSpan, measured: Measured, private readonly api: OtelApi, private readonly context: OtelContext
  ) {
    super(span, measured)
  }

  run<T> (work: () => T): T {
    return this.api.context.with(this.context, work)
  }
}
