import { SLOT_MS } from './histogram'
import { MethodMeasure, type MethodFigures } from './method-measure'
import { PathTable } from './path-table'
import { Taps } from './taps'
import type { CallTracer } from '../telemetry/call-tracer'
import { TurnClock } from './turn-clock'

/** For how long figures are told again: who asks all the time must cost little. */
const FRESH_MS = 1_000

/** What a node counted of one event. */
export interface EventFigures {
  readonly path: string
  readonly event: string
  /** How many this node published. */
  readonly sent: number
  /** How many it received of other nodes. */
  readonly received: number
}

/** What a node measured until now. */
export interface Figures {
  /** The calls of other nodes. */
  readonly served: readonly MethodFigures[]
  /** The calls to other nodes. */
  readonly called: readonly MethodFigures[]
  readonly events: readonly EventFigures[]
  /** How often this node was told that it missed events. */
  readonly gaps: number
}

/** Which methods and events have figures of their own. */
export interface KnownNames {
  /** Of services of this node. */
  readonly hosts: (path: string, method: string) => boolean
  /** Of services of other nodes. */
  readonly calls: (path: string, method: string) => boolean
  /** Of either. */
  readonly hears: (path: string, event: string) => boolean
}

/** What one event costs to count. */
class EventMeasure {
  sent = 0
  received = 0
}

/** All that a node measures of its calls and events. */
export class Measures {
  readonly served: PathTable<MethodMeasure>
  readonly called: PathTable<MethodMeasure>
  readonly events: PathTable<EventMeasure>
  readonly taps = new Taps()
  readonly clock = new TurnClock()
  gaps = 0
  /** Who makes spans of them; undefined without telemetry. */
  readonly tracer: CallTracer | undefined
  private timer: NodeJS.Timeout | undefined
  private latest: { readonly at: number, readonly figures: Figures } | undefined

  /** @param makeTracer - makes who traces the calls and events. @default nobody does */
  constructor (known: KnownNames, makeTracer?: (known: KnownNames) => CallTracer) {
    const { hosts, calls, hears } = known
    this.tracer = makeTracer?.(known)
    this.served = new PathTable(() => new MethodMeasure(), hosts)
    this.called = new PathTable(() => new MethodMeasure(), calls)
    this.events = new PathTable(() => new EventMeasure(), hears)
  }

  /** The node joins. */
  start (): void {
    clearInterval(this.timer)
    this.timer = setInterval(() => this.rotate(), SLOT_MS)
    this.timer.unref()
    this.taps.begin()
  }

  /** The node has left: nobody asks, and nothing passes. */
  stop (): void {
    clearInterval(this.timer)
    this.taps.close()
  }

  /** What was measured; not older than a second. */
  get recent (): Figures {
    const now = performance.now()
    if (this.latest === undefined || now - this.latest.at > FRESH_MS) this.latest = { at: now, figures: this.figures }
    return this.latest.figures
  }

  /** What was measured until now. */
  get figures (): Figures {
    const { served, called, events, gaps } = this
    return {
      served: figuresOf(served),
      called: figuresOf(called),
      events: Array.from(events.all(), ([path, event, { sent, received }]) => ({ path, event, sent, received })),
      gaps
    }
  }

  private rotate (): void {
    for (const table of [this.served, this.called]) for (const [,, { histogram }] of table.all()) histogram.rotate()
  }
}

function figuresOf (table: PathTable<MethodMeasure>): MethodFigures[] {
  return Array.from(table.all(), ([path, method, measure]) => measure.figures(path, method))
}
