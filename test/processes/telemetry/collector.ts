/** The real SDK of OpenTelemetry, and what it made: a program gives its test the spans that have ended. */
import { context, metrics, propagation, trace, type HrTime } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

/** A span as far as a test looks at it. */
export interface PlainSpan {
  readonly name: string
  readonly kind: number
  readonly trace: string
  readonly id: string
  readonly parent: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly string[]
  readonly links: readonly string[]
  readonly failed: boolean
  readonly duration: HrTime
}

const spans = new InMemorySpanExporter()
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })

/** Registers the SDK, as a program does before it makes its node. */
export function registerSdk (): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
  }))
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
}

/** The spans that have ended. */
export function endedSpans (): PlainSpan[] {
  return spans.getFinishedSpans().map(span => ({
    name: span.name,
    kind: span.kind,
    trace: span.spanContext().traceId,
    id: span.spanContext().spanId,
    parent: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    events: span.events.map(({ name }) => name),
    links: span.links.map(({ context: { spanId } }) => spanId),
    failed: span.status.code === 2,
    duration: span.duration
  }))
}

/** The metrics until now: of each name, the attributes of its series. */
export async function measured (): Promise<Record<string, object[]>> {
  exporter.reset()
  await reader.forceFlush()
  const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(scope => scope.metrics))
  return Object.fromEntries(all.map(({ descriptor, dataPoints }) => [
    descriptor.name, dataPoints.map(({ attributes }) => attributes)
  ]))
}

/** Forgets the spans. */
export function resetSpans (): void {
  spans.reset()
}
