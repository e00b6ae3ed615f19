/** The spans and metrics of calls as a program writes them itself: around calls of a mesh that makes none. */
import {
  context, metrics, propagation, ROOT_CONTEXT, SpanKind, trace, type Histogram, type Span
} from '@opentelemetry/api'
import type { Todos } from '../systems/system'

/** The traces that a host is told of, in turn; about as many of them are sampled as of all. */
const TRACES = 200

const ATTRIBUTES = { 'rpc.system.name': 'feathers_mesh', 'rpc.method': 'todos/get' }
const ENDED = { ...ATTRIBUTES, 'rpc.status_code': 'ok' }
const PEER = 'feathers_mesh.peer.id'

/** The same service with a span and a measurement of each `get`. The SDK has to be registered. */
export interface SpansByHand {
  readonly called: (todos: Todos) => Todos
  readonly served: (todos: Todos) => Todos
}

function histogramOf (side: 'client' | 'server'): Histogram {
  return metrics.getMeter('by hand').createHistogram(`rpc.${side}.call.duration`)
}

function end (span: Span, histogram: Histogram, startedAt: number): void {
  histogram.record((performance.now() - startedAt) / 1_000, ENDED)
  if (span.isRecording()) span.setAttribute('rpc.status_code', 'ok')
  span.end()
}

/** Headers as a host gets them. They are made before, so that the caller's part is not counted with the host's. */
function tracesOfCallers (): ReadonlyArray<Readonly<Record<string, string>>> {
  const tracer = trace.getTracer('caller')
  return Array.from({ length: TRACES }, () => {
    const headers: Record<string, string> = {}
    propagation.inject(trace.setSpan(ROOT_CONTEXT, tracer.startSpan('todos/get')), headers)
    return headers
  })
}

export function spansByHand (): SpansByHand {
  const tracer = trace.getTracer('by hand')
  return {
    called (todos: Todos): Todos {
      const histogram = histogramOf('client')
      const get = async (id: string): Promise<unknown> => {
        const startedAt = performance.now()
        const outer = context.active()
        const span = tracer.startSpan('todos/get', { kind: SpanKind.CLIENT, attributes: ATTRIBUTES }, outer)
        // They stay here: what they cost on their way is not the SDK's.
        propagation.inject(trace.setSpan(outer, span), {})
        if (span.isRecording()) span.setAttribute(PEER, 'host')
        const result = await todos.get(id)
        end(span, histogram, startedAt)
        return result
      }
      return { get, create: async data => await todos.create(data) }
    },

    served (todos: Todos): Todos {
      const histogram = histogramOf('server')
      const traces = tracesOfCallers()
      let calls = 0
      const get = async (id: string): Promise<unknown> => {
        const startedAt = performance.now()
        const outer = propagation.extract(ROOT_CONTEXT, traces[calls++ % TRACES])
        const attributes = { ...ATTRIBUTES, [PEER]: 'caller' }
        const span = tracer.startSpan('todos/get', { kind: SpanKind.SERVER, attributes }, outer)
        const result = await context.with(trace.setSpan(outer, span), async () => await todos.get(id))
        end(span, histogram, startedAt)
        return result
      }
      return { get, create: async data => await todos.create(data) }
    }
  }
}
