import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { Registrations, type Providers } from '../../../lib/telemetry/open-telemetry/registrations'

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
  'a propagator that reads no headers': () => api.propagation.setGlobalPropagator({
    inject: () => {}, fields: () => ['x-tenant'], extract: context => context
  }),
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
  it('is looked for where all releases of the library keep it that may be installed beside this package', () => {
    const text = readFileSync(join(__dirname, '../../../package.json'), 'utf8')
    const { peerDependencies } = JSON.parse(text) as { peerDependencies: Record<string, string> }
    expect(peerDependencies['@opentelemetry/api']).toMatch(/^\^1\./)
  })

  it('is nothing while the library has but its own objects', () => {
    expect(new Registrations(none).haveAny).toBe(false)
    api.diag.setLogger(new api.DiagConsoleLogger(), api.DiagLogLevel.NONE)
    expect(new Registrations(none).haveAny).toBe(false)
    api.diag.disable()
  })

  it.each(Object.keys(REGISTERED))('is noticed as soon as it is %s', what => {
    const registrations = new Registrations(none)
    expect([registrations.haveAny, registrations.haveAny]).toEqual([false, false])
    REGISTERED[what]?.()
    expect(registrations.haveAny).toBe(true)
  })

  it('counts as something where a node is given a provider', () => {
    expect(new Registrations({ ...none, tracerProvider: new BasicTracerProvider() }).haveAny).toBe(true)
    expect(new Registrations({ ...none, meterProvider: new MeterProvider() }).haveAny).toBe(true)
  })
})
