import { VERSION } from '../../inspection/version'
import type { MeterProvider, OtelApi, TracerProvider } from './otel-api'

/** The name of what makes the spans and metrics. */
export const SCOPE = 'feathers-mesh'

/** Where spans and metrics go. */
export interface Providers {
  /** @default the one that the program registered */
  readonly tracerProvider: TracerProvider | undefined
  readonly meterProvider: MeterProvider | undefined
}

/**
 * Whether anything takes spans or metrics, or carries headers. Without that, the library hands out objects that do
 * nothing, yet to make them takes a tenth of a short call. A program may register its SDK at any time.
 */
export function hasSdk (api: OtelApi, { tracerProvider, meterProvider }: Providers): boolean {
  return tracerProvider !== undefined || meterProvider !== undefined || takesSpans(api) || takesMetrics(api) ||
    carriesHeaders(api)
}

/** The library's own provider makes no tracer until it has one to hand on to; all others make one. */
function takesSpans ({ trace }: OtelApi): boolean {
  const provider = trace.getTracerProvider()
  return provider.getDelegateTracer === undefined || provider.getDelegateTracer(SCOPE, VERSION) !== undefined
}

function takesMetrics ({ metrics, createNoopMeter }: OtelApi): boolean {
  return metrics.getMeterProvider().getMeter(SCOPE, VERSION) !== createNoopMeter?.()
}

/** A propagator without an SDK carries traces through, of which this process makes no spans. */
function carriesHeaders ({ propagation }: OtelApi): boolean {
  return propagation.fields().length > 0
}
