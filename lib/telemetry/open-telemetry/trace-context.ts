import { fieldsOf, isRecord } from '../../record'
import type { TraceHeaders } from '../call-tracer'
import type { HeaderGetter, HeaderSetter, OtelApi, OtelContext, OtelSpan } from './otel-api'

/** Characters of one header of a trace: more is not read. Baggage has up to 8192 bytes, and the others far fewer. */
const MAX_TRACE_HEADER = 8_192

/** The headers in which values travel that programs put into a trace: of W3C, of Jaeger, and of OpenTracing. */
const BAGGAGE = /^(?:baggage$|uberctx-|ot-baggage-)/i

/** The names of W3C that say nothing but the trace come first: propagators ask for hardly any others. */
function isBaggage (name: string): boolean {
  return name !== 'traceparent' && name !== 'tracestate' && BAGGAGE.test(name)
}

/** Whose baggage is taken into this process, and whether it leaves it. */
export interface BaggageRules {
  /** Between nodes, in both directions. */
  readonly ofNodes: boolean
  /** From outside clients. */
  readonly ofClients: boolean
}

/** Carries the context of traces into and out of headers, by the propagator of the program. */
export class TraceContext {
  private readonly ofNodes: HeaderGetter
  private readonly ofClients: HeaderGetter
  private readonly setter: HeaderSetter
  /** That of spans which are part of no trace. */
  private untraced: OtelContext | undefined

  constructor (private readonly api: OtelApi, rules: BaggageRules) {
    this.setter = setter(rules.ofNodes)
    this.ofNodes = getter(rules.ofNodes)
    this.ofClients = getter(rules.ofClients)
  }

  /**
   * The context within a span. Where no provider of tracers is registered, all spans are alike: they share one, as
   * each takes a map and three closures.
   */
  within (outer: OtelContext, span: OtelSpan): OtelContext {
    const { trace, ROOT_CONTEXT, INVALID_SPAN_CONTEXT } = this.api
    if (outer !== ROOT_CONTEXT || span.spanContext() !== INVALID_SPAN_CONTEXT || span.isRecording()) {
      return trace.setSpan(outer, span)
    }
    return this.untraced ??= trace.setSpan(outer, span)
  }

  /** What travels with something that is sent within a context; undefined where there is no trace. */
  headersOf (context: OtelContext): TraceHeaders | undefined {
    const headers: { [name: string]: string } = {}
    this.api.propagation.inject(context, headers, this.setter)
    for (const _name in headers) return headers
    return undefined
  }

  /**
   * The context that a node sent. What its caller ran in counts for nothing here: only what travelled.
   *
   * @param trace - what it sent as such
   * @param params - of a call: where nodes of feathers-distributed carry the headers of clients
   */
  ofPeer (trace: unknown, params?: unknown): OtelContext {
    const { ROOT_CONTEXT } = this.api
    // Code that reads a socket runs in the context in which the socket was made.
    if (isRecord(trace)) return this.extract(ROOT_CONTEXT, trace, this.ofNodes)
    const { headers } = fieldsOf(params)
    return isRecord(headers) ? this.extract(ROOT_CONTEXT, headers, this.ofClients) : ROOT_CONTEXT
  }

  /** The context that runs now, or that of the HTTP request of an outside client where there is none. */
  current (params: unknown): OtelContext {
    const { context, trace } = this.api
    const active = context.active()
    if (params === undefined || trace.getSpan(active) !== undefined) return active
    const { headers, provider } = fieldsOf(params)
    // A socket has the headers of its beginning, which are about none of its calls.
    const isHttp = provider === undefined || provider === 'rest'
    return isHttp && isRecord(headers) ? this.extract(active, headers, this.ofClients) : active
  }

  /** Some propagators throw at headers that are malformed: those say nothing then. */
  private extract (context: OtelContext, headers: object, getter: HeaderGetter): OtelContext {
    try {
      return this.api.propagation.extract(context, headers, getter)
    } catch {
      return context
    }
  }
}

function setter (hasBaggage: boolean): HeaderSetter {
  return {
    set: (carrier, name, value) => {
      if (hasBaggage || !isBaggage(name)) carrier[name] = value
    }
  }
}

/** Reads headers that anybody may have sent. */
function getter (hasBaggage: boolean): HeaderGetter {
  return {
    keys: carrier => Object.keys(fieldsOf(carrier)).filter(name => hasBaggage || !isBaggage(name)),
    get: (carrier, name) => {
      if (!hasBaggage && isBaggage(name)) return undefined
      const value = fieldsOf(carrier)[name]
      return typeof value === 'string' && value.length <= MAX_TRACE_HEADER ? value : undefined
    }
  }
}
