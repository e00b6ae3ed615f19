import * as api from '@opentelemetry/api'
import {
  AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { feathers } from '@feathersjs/feathers'
import type { ServiceEvent } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'
import { until } from '../until'
import { warnings } from '../warnings'

interface Todos {
  find (): Promise<string[]>
  readonly created: ServiceEvent<object>
}

const mesh = memoryMesh()

afterEach(() => {
  api.trace.disable()
  api.metrics.disable()
  jest.restoreAllMocks()
})

it('traces and measures calls and events as soon as the program registers an SDK', async () => {
  const told = warnings()
  const app = feathers().use('todos', { find: async () => ['Buy milk'] })
  await mesh.start({ app, services: ['todos'], telemetry: true })
  const todos = (await mesh.start({ remotes: ['todos'], telemetry: true })).remote<Todos>('todos')
  const heard: unknown[] = []
  todos.on('created', payload => { heard.push(payload) })
  const hears = async (): Promise<unknown> => {
    heard.length = 0
    return await until('the event', () => {
      if (heard.length === 0) app.service('todos').emit('created', { title: 'Buy milk' })
      return heard.length > 0
    })
  }
  expect(await todos.find()).toEqual(['Buy milk'])
  await hears()

  const spans = new InMemorySpanExporter()
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  api.metrics.setGlobalMeterProvider(meters)
  expect(await todos.find()).toEqual(['Buy milk'])
  await hears()

  const names = new Set(spans.getFinishedSpans().map(({ name }) => name))
  expect([...names].sort()).toEqual(['process todos created', 'send todos created', 'todos/find'])
  expect(spans.getFinishedSpans().filter(({ name }) => name === 'todos/find')).toHaveLength(2)
  await meters.forceFlush()
  const [measured] = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
  const calls = measured?.metrics.find(({ descriptor }) => descriptor.name === 'rpc.client.call.duration')
  expect(calls?.dataPoints.map(({ value }) => (value as { count: number }).count)).toEqual([1])
  expect(told).toEqual([])
  await meters.shutdown()
})
