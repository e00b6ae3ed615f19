import * as api from '@opentelemetry/api'
import { W3CBaggagePropagator, W3CTraceContextPropagator, CompositePropagator } from '@opentelemetry/core'
import { loadApi, readApi, type OtelApi } from '../../../lib/telemetry/open-telemetry/otel-api'
import { TraceContext } from '../../../lib/telemetry/open-telemetry/trace-context'

const otel: OtelApi = api
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

beforeAll(() => {
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
  api.propagation.setGlobalPropagator(new CompositePropagator({ propagators }))
})

afterAll(() => api.propagation.disable())

function contextOf (rules = { ofNodes: false, ofClients: false }): TraceContext {
  return new TraceContext(otel, rules)
}

/** What a node makes of what it reads: the span, and the baggage. */
function read (context: object): { parent?: string | undefined, user?: string | undefined } {
  const own = context as api.Context
  return {
    parent: api.trace.getSpanContext(own)?.spanId,
    user: api.propagation.getBaggage(own)?.getEntry('user')?.value
  }
}

describe('the context of a trace', () => {
  it('passes over headers that are no texts, are too long, or are no headers at all', () => {
    const odd = [{ traceparent: 1 }, { traceparent: ['x'] }, { traceparent: '0'.repeat(8_193) }, {}, 'text', [], 7]
    for (const trace of odd) {
      expect(read(contextOf().ofPeer(trace))).toEqual({ parent: undefined, user: undefined })
    }
    const trace = { traceparent: TRACEPARENT, tracestate: 'x'.repeat(8_193), baggage: `user=${'x'.repeat(8_193)}` }
    const long = read(contextOf({ ofNodes: true, ofClients: true }).ofPeer(trace))
    expect(long).toEqual({ parent: 'b7ad6b7169203331', user: undefined })
  })

  it('shows propagators no header of more than 8,192 characters', () => {
    const seen: unknown[] = []
    const extract: OtelApi['propagation']['extract'] = (context, headers, getter) => {
      seen.push(...['short', 'long'].map(name => getter.get(headers, name)))
      return context
    }
    const propagation = { ...otel.propagation, extract }
    const context = new TraceContext({ ...otel, propagation }, { ofNodes: false, ofClients: false })
    context.ofPeer({ short: 'x'.repeat(8_192), long: 'x'.repeat(8_193) })
    expect(seen).toEqual(['x'.repeat(8_192), undefined])
  })

  it('takes baggage of nodes and of clients only where each is allowed', () => {
    const headers = { traceparent: TRACEPARENT, baggage: 'user=ada' }
    const parent = 'b7ad6b7169203331'
    const nodes = contextOf({ ofNodes: true, ofClients: false })
    const clients = contextOf({ ofNodes: false, ofClients: true })
    expect(read(nodes.ofPeer(headers))).toEqual({ parent, user: 'ada' })
    expect(read(nodes.current({ headers }))).toEqual({ parent, user: undefined })
    expect(read(clients.ofPeer(headers))).toEqual({ parent, user: undefined })
    expect(read(clients.current({ headers, provider: 'rest' }))).toEqual({ parent, user: 'ada' })
  })

  it('takes no baggage of Jaeger and OpenTracing for anything else', () => {
    const names = ['Baggage', 'uberctx-user', 'UberCtx-User', 'ot-baggage-user']
    const seen: unknown[] = []
    const headers = Object.fromEntries([...names, 'traceparent'].map(name => [name, 'x']))
    const propagation: OtelApi['propagation'] = {
      ...otel.propagation,
      extract: (context, carrier, getter) => {
        seen.push(getter.keys(carrier), names.map(name => getter.get(carrier, name)))
        return context
      },
      inject: (_context, carrier, setter) => { for (const name in headers) setter.set(carrier, name, 'x') }
    }
    const context = new TraceContext({ ...otel, propagation }, { ofNodes: false, ofClients: false })
    context.ofPeer(headers)
    expect(seen).toEqual([['traceparent'], Array(names.length).fill(undefined)])
    expect(context.headersOf(api.ROOT_CONTEXT)).toEqual({ traceparent: 'x' })
  })

  it('begins a trace of its own where the propagator throws at what a peer sent', () => {
    const propagation: OtelApi['propagation'] = {
      ...otel.propagation,
      extract: () => { throw new URIError('URI malformed') }
    }
    const context = new TraceContext({ ...otel, propagation }, { ofNodes: true, ofClients: true })
    expect(context.ofPeer({ 'uber-trace-id': '%' })).toBe(api.ROOT_CONTEXT)
    expect(context.ofPeer(undefined, { headers: { 'uber-trace-id': '%' } })).toBe(api.ROOT_CONTEXT)
  })

  it('leaves baggage out of what travels unless it is allowed', () => {
    const all = contextOf({ ofNodes: true, ofClients: true })
    const context = all.ofPeer({ traceparent: TRACEPARENT, baggage: 'user=ada' })
    expect(contextOf().headersOf(context)).toEqual({ traceparent: TRACEPARENT })
    expect(contextOf({ ofNodes: true, ofClients: false }).headersOf(context)).toEqual(
      { traceparent: TRACEPARENT, baggage: 'user=ada' }
    )
    expect(contextOf().headersOf(api.ROOT_CONTEXT)).toBeUndefined()
  })

  it('reads the headers of a client that a node of feathers-distributed passes on', () => {
    const params = { headers: { traceparent: TRACEPARENT } }
    expect(read(contextOf().ofPeer(undefined, params)).parent).toBe('b7ad6b7169203331')
  })

  it('takes nothing from the headers of a socket, which are about none of its calls', () => {
    const params = { provider: 'socketio', headers: { traceparent: TRACEPARENT } }
    expect(read(contextOf().current(params)).parent).toBeUndefined()
  })
})

describe('the context within a span', () => {
  const within = (outer: api.Context, span: api.Span): api.Context => contextOf().within(outer, span) as api.Context
  const untraced = (): api.Span => api.trace.wrapSpanContext(api.INVALID_SPAN_CONTEXT)

  it('is made once for all spans of no trace that record nothing', () => {
    const context = contextOf()
    const first = context.within(api.ROOT_CONTEXT, untraced())
    expect(context.within(api.ROOT_CONTEXT, untraced())).toBe(first)
    expect(api.trace.getSpanContext(first as api.Context)).toBe(api.INVALID_SPAN_CONTEXT)
  })

  it('has the span itself where it is part of a trace, or is recorded, or where the context holds something', () => {
    const inTrace = api.trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 })
    const recorded = Object.assign(untraced(), { isRecording: () => true })
    for (const span of [inTrace, recorded]) expect(api.trace.getSpan(within(api.ROOT_CONTEXT, span))).toBe(span)
    const key = api.createContextKey('of the program')
    const [outer, span] = [api.ROOT_CONTEXT.setValue(key, 'held'), untraced()]
    expect(api.trace.getSpan(within(outer, span))).toBe(span)
    expect(within(outer, span).getValue(key)).toBe('held')
  })
})

describe('the API of OpenTelemetry', () => {
  it('is loaded from its package', () => {
    expect(loadApi().api?.ROOT_CONTEXT).toBe(api.ROOT_CONTEXT)
  })

  it('comes with a command that installs it when something else is found', () => {
    const { fault } = readApi({})
    expect(fault).toContain('1.3 or later, and finds something else: npm install @opentelemetry/api@1')
  })
})
