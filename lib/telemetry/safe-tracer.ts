import type { Caller } from '../contract/contract'
import type { NodeLog } from '../log'
import { messageOf, printable } from '../printable'
import type {
  CalledTrace, CallTracer, ServedTrace, TracedEvent, TracedRequest, TraceHeaders
} from './call-tracer'

/** Characters of what a provider threw. */
const MAX_REASON = 200

/** What makes spans and durations. Its providers are the program's, and may throw anywhere. */
export interface SpanMaker extends Pick<CallTracer, 'published' | 'entered'> {
  /** Whether nothing takes what it would make: nobody needs to ask it for anything. */
  readonly isIdle: boolean
  /** A call to another node begins. */
  called (path: string, method: string, params: unknown): CalledTrace
  /** A call of another node begins. */
  served (request: TracedRequest, caller: Caller): ServedTrace
  /** A listener is about to hear an event. */
  hearing (event: TracedEvent, group: string | undefined): ServedTrace
}

/** Tells of the first thing that a provider throws. */
class Faults {
  private hasFailed = false

  constructor (private readonly log: NodeLog) {}

  tell (error: unknown): undefined {
    if (this.hasFailed) return
    this.hasFailed = true
    const reason = printable(messageOf(error), MAX_REASON)
    this.log.tell('FEATHERS_MESH_FUNCTION', `the telemetry of this node threw ${reason}; calls and events go on ` +
      'without what it would have told', { option: 'telemetry' })
  }
}

/**
 * Keeps calls and events apart from what their traces do: whatever a provider throws is told once, and a call or an
 * event goes on without its trace. Nothing that is traced is done twice, or left out, for it. Each use has a `try` of
 * its own: a function that tries what it is given would take several closures for each call.
 */
export class SafeTracer implements CallTracer {
  private readonly faults: Faults

  constructor (private readonly maker: SpanMaker, log: NodeLog) {
    this.faults = new Faults(log)
  }

  called (path: string, method: string, params: unknown): CalledTrace | undefined {
    const { maker, faults } = this
    try {
      return maker.isIdle ? undefined : new SafeCalled(maker.called(path, method, params), faults)
    } catch (error) {
      return faults.tell(error)
    }
  }

  served (request: TracedRequest, caller: Caller): ServedTrace | undefined {
    const { maker, faults } = this
    try {
      return maker.isIdle ? undefined : new SafeServed(maker.served(request, caller), faults)
    } catch (error) {
      return faults.tell(error)
    }
  }

  published (event: TracedEvent): TraceHeaders | undefined {
    const { maker, faults } = this
    try {
      return maker.isIdle ? undefined : maker.published(event)
    } catch (error) {
      return faults.tell(error)
    }
  }

  heard<T> (event: TracedEvent, group: string | undefined, listener: () => T): T {
    const trace = this.hearing(event, group)
    return trace === undefined ? listener() : runToEnd(trace, listener)
  }

  entered<T> (params: unknown, work: () => T): T {
    const once = new Once(work)
    try {
      if (!this.maker.isIdle) this.maker.entered(params, once.run)
    } catch (error) {
      this.faults.tell(error)
    }
    return once.outcome()
  }

  private hearing (event: TracedEvent, group: string | undefined): ServedTrace | undefined {
    const { maker, faults } = this
    try {
      return maker.isIdle ? undefined : new SafeServed(maker.hearing(event, group), faults)
    } catch (error) {
      return faults.tell(error)
    }
  }
}

class SafeCalled implements CalledTrace {
  readonly headers: TraceHeaders | undefined

  constructor (private readonly trace: CalledTrace, private readonly faults: Faults) {
    this.headers = trace.headers
  }

  sent (node: string): void {
    try {
      this.trace.sent(node)
    } catch (error) {
      this.faults.tell(error)
    }
  }

  ended (error: unknown, ms: number): void {
    try {
      this.trace.ended(error, ms)
    } catch (fault) {
      this.faults.tell(fault)
    }
  }
}

class SafeServed implements ServedTrace {
  constructor (private readonly trace: ServedTrace, private readonly faults: Faults) {}

  run<T> (work: () => T): T {
    const once = new Once(work)
    try {
      this.trace.run(once.run)
    } catch (error) {
      this.faults.tell(error)
    }
    return once.outcome()
  }

  ended (error: unknown, ms: number): void {
    try {
      this.trace.ended(error, ms)
    } catch (fault) {
      this.faults.tell(fault)
    }
  }
}

/** Work that is done once, whether a trace does it or not. What it throws is its own, and no fault of the trace. */
class Once<T> {
  private state: 'waits' | 'returned' | 'threw' = 'waits'
  private result: unknown

  constructor (private readonly work: () => T) {}

  /** To be handed on: it needs no `this`. */
  readonly run = (): void => {
    if (this.state !== 'waits') return
    this.state = 'returned'
    try {
      this.result = this.work()
    } catch (error) {
      this.state = 'threw'
      this.result = error
    }
  }

  /** What the work returned; throws what it threw. */
  outcome (): T {
    this.run()
    if (this.state === 'threw') throw this.result
    // The work returned it.
    return this.result as T
  }
}

/** Runs work as part of a trace, which ends when the work has, whatever that returns, throws or rejects with. */
function runToEnd<T> (trace: ServedTrace, work: () => T): T {
  const startedAt = performance.now()
  const ended = (error: unknown): void => trace.ended(error, performance.now() - startedAt)
  let returned: T
  try {
    returned = trace.run(work)
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
