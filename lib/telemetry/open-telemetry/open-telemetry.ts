import type { Caller } from '../../contract/contract'
import type { KnownNames } from '../../inspection/measures'
import { PathTable } from '../../inspection/path-table'
import { VERSION } from '../../inspection/version'
import type {
  CalledTrace, ServedTrace, TracedEvent, TracedRequest, TraceHeaders
} from '../call-tracer'
import type { SpanMaker } from '../safe-tracer'
import { eventNamed, GROUP, methodNamed, SPAN_KIND, type Named } from './conventions'
import { Instruments, Outcomes } from './instruments'
import { Measured } from './measured'
import type { OtelApi, OtelContext, OtelMeter, OtelSpan, OtelTracer, SpanStart } from './otel-api'
import { Registrations, type Providers } from './registrations'
import { CalledSpan, ServedSpan } from './spans'
import { TraceContext, type BaggageRules } from './trace-context'

/** The name of what makes the spans and metrics. */
const SCOPE = 'feathers-mesh'

/** What makes spans and metrics. */
export interface TelemetrySource extends Providers {
  readonly api: OtelApi
  readonly baggage: BaggageRules
}

/** Makes spans and metrics by `@opentelemetry/api`. */
export class OpenTelemetry implements SpanMaker {
  private readonly api: OtelApi
  private readonly methods: PathTable<Measured>
  private readonly serving: PathTable<Measured>
  private readonly sending: PathTable<Named>
  private readonly processing: PathTable<Measured>
  private readonly outcomes = new Outcomes()
  private readonly context: TraceContext
  private readonly registrations: Registrations
  private made: { readonly tracer: OtelTracer, readonly instruments: Instruments } | undefined

  constructor (private readonly source: TelemetrySource, { hosts, calls, hears }: KnownNames) {
    this.api = source.api
    this.registrations = new Registrations(source)
    this.context = new TraceContext(source.api, source.baggage)
    this.methods = new PathTable((path, method) => this.ofMethod(path, method, 'clientDuration'), calls)
    this.serving = new PathTable((path, method) => this.ofMethod(path, method, 'serverDuration'), hosts)
    this.sending = new PathTable((path, event) => eventNamed('send', path, event), hears)
    this.processing = new PathTable((path, event) => this.ofListeners(path, event), hears)
  }

  get isIdle (): boolean {
    return !this.registrations.haveAny
  }

  called (path: string, method: string, params: unknown): CalledTrace {
    const measured = this.methods.of(path, method)
    const outer = this.context.current(params)
    const span = this.span(measured, { kind: SPAN_KIND.client, attributes: measured.attributes }, outer)
    return new CalledSpan(span, measured, this.context.headersOf(this.context.within(outer, span)))
  }

  served ({ path, method, params, trace }: TracedRequest, { node }: Caller): ServedTrace {
    const measured = this.serving.of(path, method)
    const outer = this.context.ofPeer(trace, params)
    const span = this.span(measured, { kind: SPAN_KIND.server, attributes: measured.attributesWith(node) }, outer)
    return new ServedSpan(span, measured, this.api, this.context.within(outer, span))
  }

  published ({ path, event }: TracedEvent): TraceHeaders | undefined {
    const named = this.sending.of(path, event)
    const outer = this.api.context.active()
    const span = this.span(named, { kind: SPAN_KIND.producer, attributes: named.attributes }, outer)
    const headers = this.context.headersOf(this.context.within(outer, span))
    this.parts.instruments.sent.add(1, named.attributes)
    span.end()
    return headers
  }

  hearing ({ path, event, trace }: TracedEvent, group: string | undefined): ServedTrace {
    const measured = this.processing.of(path, event)
    const { attributes } = measured
    const { api, parts: { instruments: { consumed } } } = this
    const outer = this.context.ofPeer(trace)
    const creator = api.trace.getSpan(outer)
    const options: SpanStart = {
      kind: SPAN_KIND.consumer,
      attributes: group === undefined ? attributes : { ...attributes, [GROUP]: group }
    }
    if (creator !== undefined) options.links = [{ context: creator.spanContext() }]
    const span = this.span(measured, options, outer)
    consumed.add(1, attributes)
    return new ServedSpan(span, measured, api, this.context.within(outer, span))
  }

  entered<T> (params: unknown, work: () => T): T {
    const { api: { context } } = this
    const outer = this.context.current(params)
    return outer === context.active() ? work() : context.with(outer, work)
  }

  private ofMethod (path: string, method: string, duration: 'clientDuration' | 'serverDuration'): Measured {
    return new Measured(methodNamed(path, method), this.parts.instruments[duration], this.outcomes, true)
  }

  private ofListeners (path: string, event: string): Measured {
    const { parts: { instruments: { processDuration } }, outcomes } = this
    return new Measured(eventNamed('process', path, event), processDuration, outcomes, false)
  }

  private span ({ name }: Pick<Named, 'name'>, options: SpanStart, outer: OtelContext): OtelSpan {
    return this.parts.tracer.startSpan(name, options, outer)
  }

  /** Made when they are first needed: the program may register its SDK after the node is made. */
  private get parts (): { readonly tracer: OtelTracer, readonly instruments: Instruments } {
    return this.made ??= this.make()
  }

  private make (): { readonly tracer: OtelTracer, readonly instruments: Instruments } {
    const { api: { trace, metrics }, source } = this
    const tracers = source.tracerProvider ?? trace.getTracerProvider()
    const meters = source.meterProvider ?? metrics.getMeterProvider()
    return {
      // Providers of the library make nothing else.
      tracer: tracers.getTracer(SCOPE, VERSION) as OtelTracer,
      instruments: new Instruments(meters.getMeter(SCOPE, VERSION) as OtelMeter)
    }
  }
}
