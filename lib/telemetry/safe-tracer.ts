import type { Caller } from '../contract/contract'
import type { NodeLog } from '../log'
import { messageOf, printable } from '../printable'
import type {
  CalledTrace, CallTracer, ServedTrace, TracedEvent, TracedRequest, TraceHeaders
} from './call-tracer'

/** Characters of what a provider threw. */
const MAX_REASON = 200

/** What makes spans and durations. Its providers are the program's, and may throw anywhere. */
export interface SpanMaker extends Omit<CallTracer, 'heard'> {
  /** A listener is about to hear an event. */
  hearing (event: TracedEvent, group: string | undefined): ServedTrace
}

/** Does something for a trace; what it throws is told. Returns undefined then. */
type Attempt = <T>(trace: () => T) => T | undefined

/**
 * Keeps calls and events apart from what their traces do: whatever a provider throws is told once, and a call or an
 * event goes on without its trace. Nothing that is traced is done twice, or left out, for it.
 */
export class SafeTracer implements CallTracer {
  private hasFailed = false

  constructor (private readonly maker: SpanMaker, private readonly log: NodeLog) {}

  called (path: string, method: string, params: unknown): CalledTrace {
    return new SafeCalled(this.attempt(() => this.maker.called(path, method, params)), this.attempt)
  }

  served (request: TracedRequest, caller: Caller): ServedTrace {
    return new SafeServed(this.attempt(() => this.maker.served(request, caller)), this.attempt)
  }

  published (event: TracedEvent): TraceHeaders | undefined {
    return this.attempt(() => this.maker.published(event))
  }

  heard<T> (event: TracedEvent, group: string | undefined, listener: () => T): T {
    const trace = new SafeServed(this.attempt(() => this.maker.hearing(event, group)), this.attempt)
    return endedWith(trace, () => trace.run(listener))
  }

  entered<T> (params: unknown, work: () => T): T {
    return within(this.attempt, run => this.maker.entered(params, run), work)
  }

  private readonly attempt: Attempt = trace => {
    try {
      return trace()
    } catch (error) {
      this.tell(error)
      return undefined
    }
  }

  private tell (error: unknown): void {
    if (this.hasFailed) return
    this.hasFailed = true
    const reason = printable(messageOf(error), MAX_REASON)
    this.log.tell('FEATHERS_MESH_FUNCTION', `the telemetry of this node threw ${reason}; calls and events go on ` +
      'without what it would have told', { option: 'telemetry' })
  }
}

class SafeCalled implements CalledTrace {
  readonly headers: TraceHeaders | undefined

  constructor (private readonly trace: CalledTrace | undefined, private readonly attempt: Attempt) {
    this.headers = trace?.headers
  }

  sent (node: string): void {
    this.attempt(() => this.trace?.sent(node))
  }

  ended (error: unknown, ms: number): void {
    this.attempt(() => this.trace?.ended(error, ms))
  }
}

class SafeServed implements ServedTrace {
  constructor (private readonly trace: ServedTrace | undefined, private readonly attempt: Attempt) {}

  run<T> (work: () => T): T {
    const { trace } = this
    return trace === undefined ? work() : within(this.attempt, run => trace.run(run), work)
  }

  ended (error: unknown, ms: number): void {
    this.attempt(() => this.trace?.ended(error, ms))
  }
}

/** Does work once within what a trace does around it. What the work throws itself is thrown on. */
function within<T> (attempt: Attempt, around: (run: () => void) => void, work: () => T): T {
  let outcome: { readonly value: () => T } | undefined
  attempt(() => around(() => { outcome ??= outcomeOf(work) }))
  return (outcome ?? outcomeOf(work)).value()
}

function outcomeOf<T> (work: () => T): { readonly value: () => T } {
  try {
    const returned = work()
    return { value: () => returned }
  } catch (error) {
    return { value: () => { throw error } }
  }
}

/** Ends a trace when work has ended, whatever it returns, throws or rejects with. */
function endedWith<T> (trace: ServedTrace, work: () => T): T {
  const startedAt = performance.now()
  const ended = (error: unknown): void => trace.ended(error, performance.now() - startedAt)
  let returned: T
  try {
    returned = work()
  } catch (error) {
    ended(error ?? new Error('nothing'))
    throw error
  }
  if (returned instanceof Promise) {
    returned.then(() => ended(null), (error: unknown) => ended(error ?? new Error('nothing')))
  } else {
    ended(null)
  }
  return returned
}
