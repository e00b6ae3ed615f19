import { OK, errorCodeOf } from '../../inspection/outcome'
import { OTHER } from '../../inspection/path-table'
import { durations, ERROR_TYPE, messages, METRICS, STATUS } from './conventions'
import type { Attributes, OtelCounter, OtelHistogram, OtelMeter } from './otel-api'

/** The types of errors that a node tells apart: services choose the names of their errors. */
const MAX_ERROR_TYPES = 100

/** What is measured of calls and events. */
export class Instruments {
  readonly clientDuration: OtelHistogram
  readonly serverDuration: OtelHistogram
  readonly processDuration: OtelHistogram
  readonly sent: OtelCounter
  readonly consumed: OtelCounter

  constructor (meter: OtelMeter) {
    this.clientDuration = meter.createHistogram(METRICS.clientDuration, durations('Calls to other nodes'))
    this.serverDuration = meter.createHistogram(METRICS.serverDuration, durations('Calls of other nodes'))
    this.processDuration = meter.createHistogram(METRICS.processDuration, durations('Listeners of events'))
    this.sent = meter.createCounter(METRICS.sentMessages, messages('Events that this node published'))
    this.consumed = meter.createCounter(METRICS.consumedMessages, messages('Events that listeners of this node heard'))
  }
}

/** The attributes of outcomes, added to those of a method or of an event. */
export class Outcomes {
  private readonly types = new Set<string>()
  private readonly known = new WeakMap<Attributes, Map<string, Attributes>>()

  /** The type of an error; undefined where there is none. */
  typeOf (error: unknown): string | undefined {
    if (error === null || error === undefined) return undefined
    const type = errorCodeOf(error)
    if (!this.types.has(type) && this.types.size >= MAX_ERROR_TYPES) return OTHER
    this.types.add(type)
    return type
  }

  /** The attributes of a call with its outcome. */
  ofCall (attributes: Attributes, type: string | undefined): Attributes {
    const status = type ?? OK
    const beside: Attributes = type === undefined ? { [STATUS]: status } : { [STATUS]: status, [ERROR_TYPE]: type }
    return this.with(attributes, status, beside)
  }

  /** The attributes of an event with its outcome. */
  ofEvent (attributes: Attributes, type: string | undefined): Attributes {
    return type === undefined ? attributes : this.with(attributes, type, { [ERROR_TYPE]: type })
  }

  private with (attributes: Attributes, outcome: string, beside: Attributes): Attributes {
    const ofAll = this.known.get(attributes) ?? new Map<string, Attributes>()
    let made = ofAll.get(outcome)
    if (made === undefined) {
      made = { ...attributes, ...beside }
      this.known.set(attributes, ofAll.set(outcome, made))
    }
    return made
  }
}
