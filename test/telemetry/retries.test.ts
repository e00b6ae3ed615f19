import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { TestMesh } from 'feathers-mesh/testing'
import { Distributed, DistributedMethod } from 'feathers-mesh'

@Distributed({ path: 'clocks' })
class Clocks {
  @DistributedMethod({ idempotent: true })
  async find (): Promise<string> { return 'noon' }
}

describe('a call that is sent again', () => {
  it('is one span, with an event for each further attempt', async () => {
    const spans = new InMemorySpanExporter()
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
    const mesh = new TestMesh({ timeout: 10_000 })
    try {
      await mesh.node('one', { services: [Clocks] })
      const caller = await mesh.node('caller', { telemetry: { tracerProvider }, attemptTimeout: 50 })
      mesh.drop({ from: 'caller', kind: 'request', times: 1 })
      expect(await caller.remote(Clocks).find()).toBe('noon')
      const [span, ...others] = spans.getFinishedSpans()
      expect(others).toEqual([])
      expect(span?.name).toBe('clocks/find')
      expect(span?.events.map(({ name, attributes }) => [name, attributes?.['feathers_mesh.attempt']])).toEqual(
        [['feathers_mesh.retry', 2]]
      )
    } finally {
      await mesh.stop()
    }
  })
})
