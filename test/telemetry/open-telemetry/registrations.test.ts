import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import type { OtelApi } from '../../../lib/telemetry/open-telemetry/otel-api'
import { Registrations, type Providers } from '../../../lib/telemetry/open-telemetry/registrations'

const otel: OtelApi = api
const none: Providers = { tracerProvider: undefined, meterProvider: undefined }

afterEach(() => {
  api.trace.disable()
  api.metrics.disable()
  api.context.disable()
  api.propagation.disable()
})

/** What a program registers, or gives a node. */
const REGISTERED: Readonly<Record<string, () => unknown>> = {
  'a provider of tracers': () => api.trace.setGlobalTracerProvider(new BasicTracerProvider()),
  'a provider of meters': () => api.metrics.setGlobalMeterProvider(new MeterProvider()),
  'a context manager': () => api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()),
  'a propagator': () => api.propagation.setGlobalPropagator(new W3CTraceContextPropagator()),
  'a propagator that tells of no headers': () => api.propagation.setGlobalPropagator({
    inject: () => {}, fields: () => [], extract: (context, carrier, getter) => {
      getter.get(carrier, 'x-trace')
      return context
    }
  }),
  'a propagator that throws': () => api.propagation.setGlobalPropagator({
    inject: () => {}, fields: () => [], extract: () => { throw new Error('no headers') }
  }),
  'a provider that is not made by the library': () => api.trace.setGlobalTracerProvider({
    getTracer: (...args) => new BasicTracerProvider().getTracer(...args)
  })
}

describe('what a program has registered', () => {
  it('is nothing while the library has but its own objects', () => {
    expect(new Registrations(otel, none).any).toBe(false)
  })

  it.each(Object.keys(REGISTERED))('is noticed as soon as it is %s', what => {
    const registrations = new Registrations(otel, none)
    expect([registrations.any, registrations.any]).toEqual([false, false])
    REGISTERED[what]?.()
    expect(registrations.any).toBe(true)
  })

  it('counts as something where a node is given a provider', () => {
    expect(new Registrations(otel, { ...none, tracerProvider: new BasicTracerProvider() }).any).toBe(true)
    expect(new Registrations(otel, { ...none, meterProvider: new MeterProvider() }).any).toBe(true)
  })
})
