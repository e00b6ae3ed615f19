import type { CalledTrace, ServedTrace, TraceHeaders } from '../call-tracer'
import { ATTEMPT, ERROR_TYPE, FAILED, PEER, RETRY, STATUS } from './conventions'
import type { Outcomes } from './instruments'
import { OK } from '../../inspection/outcome'
import type { Attributes, OtelHistogram, OtelSpan } from './otel-api'

/** Where the duration of a call or of a listener is counted. */
export interface Measured {
  readonly histogram: OtelHistogram
  readonly attributes: Attributes
  readonly outcomes: Outcomes
  /** Whether it is one of a listener: those have no status. @default false */
  readonly isEvent?: boolean
}

/** A span whose duration is measured as well. */
class MeasuredSpan {
  private readonly startedAt = performance.now()

  constructor (protected readonly span: OtelSpan, private readonly measured: Measured) {}

  /** It has ended, with an error or without. */
  ended (error: unknown): void {
    const { span, startedAt, measured: { histogram, attributes, outcomes, isEvent = false } } = this
    const type = outcomes.typeOf(error)
    const all = isEvent ? outcomes.ofEvent(attributes, type) : outcomes.ofCall(attributes, type)
    histogram.record((performance.now() - startedAt) / 1_000, all)
    if (span.isRecording()) {
      if (!isEvent) span.setAttribute(STATUS, type ?? OK)
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
  constructor (span: OtelSpan, measured: Measured, readonly run: <T>(work: () => T) => T) {
    super(span, measured)
  }
}
