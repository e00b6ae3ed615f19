import * as api from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import type { OtelApi } from '../../../lib/telemetry/open-telemetry/otel-api'
import { hasSdk, type Providers } from '../../../lib/telemetry/open-telemetry/sdk'

const otel: OtelApi = api
const none: Providers = { tracerProvider: undefined, meterProvider: undefined }

afterEach(() => {
  api.trace.disable()
  api.metrics.disable()
  api.propagation.disable()
})

/** What a program registers, or gives a node. */
const REGISTERED: Readonly<Record<string, () => unknown>> = {
  'a provider of tracers': () => api.trace.setGlobalTracerProvider(new BasicTracerProvider()),
  'a provider of meters': () => api.metrics.setGlobalMeterProvider(new MeterProvider()),
  'a propagator': () => api.propagation.setGlobalPropagator(new W3CTraceContextPropagator()),
  'a provider that is not made by the library': () => api.trace.setGlobalTracerProvider({
    getTracer: (...args) => new BasicTracerProvider().getTracer(...args)
  })
}

describe('an SDK', () => {
  it('is absent while the library has nothing but its own objects', () => {
    expect(hasSdk(otel, none)).toBe(false)
  })

  it.each(Object.keys(REGISTERED))('is there as soon as the program registers %s', what => {
    expect(hasSdk(otel, none)).toBe(false)
    REGISTERED[what]?.()
    expect(hasSdk(otel, none)).toBe(true)
  })

  it('is there where a node is given a provider', () => {
    expect(hasSdk(otel, { ...none, tracerProvider: new BasicTracerProvider() })).toBe(true)
    expect(hasSdk(otel, { ...none, meterProvider: new MeterProvider() })).toBe(true)
  })

  it('counts as there with a version of the library that can\'t tell', () => {
    expect(hasSdk({ ...otel, createNoopMeter: undefined }, none)).toBe(true)
  })
})
