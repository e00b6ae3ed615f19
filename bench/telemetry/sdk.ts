/** The SDK of OpenTelemetry as a program registers it, with nobody who takes what it exports. */
import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import {
  AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor, TraceIdRatioBasedSampler, type SpanExporter
} from '@opentelemetry/sdk-trace-base'

/** Which spans are recorded: one in a hundred traces, or all. */
export type Sampling = 'some' | 'all'

const SAMPLED = 0.01
/** As long as nothing is exported, metrics only add up. */
const NEVER_MS = 2 ** 31 - 1

/** Takes batches of spans, and drops them. */
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {}
}

export function registerSdk (sampling: Sampling): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(new BasicTracerProvider({
    sampler: sampling === 'all' ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(SAMPLED),
    spanProcessors: [new BatchSpanProcessor(nowhere)]
  }))
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  metrics.setGlobalMeterProvider(new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: NEVER_MS })]
  }))
}
