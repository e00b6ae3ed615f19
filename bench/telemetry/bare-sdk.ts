/** The spans and metrics of calls, made by the SDK alone: what a program pays that writes them itself. */
import {
  context, metrics, propagation, ROOT_CONTEXT, SpanKind, trace, type Context, type Histogram, type Tracer
} from '@opentelemetry/api'
import { obey } from '../processes/obey'
import { cpuTime } from '../processes/usage'
import { registerSdk, type Sampling } from './sdk'

export interface BareOptions {
  readonly sampling: Sampling
  readonly calls: number
}

/** Microseconds of CPU for each call. */
export interface BareCosts {
  readonly caller: number
  readonly host: number
}

/** Calls of a turn: the batches of spans leave in between. */
const TURN = 256

const ATTRIBUTES = { 'rpc.system.name': 'feathers_mesh', 'rpc.method': 'todos/get' }
const ENDED = { ...ATTRIBUTES, 'rpc.status_code': 'ok' }

async function costOf (calls: number, call: () => void): Promise<number> {
  const before = cpuTime()
  for (let done = 0; done < calls;) {
    for (let n = 0; n < TURN; n++, done++) call()
    await new Promise(resolve => { setImmediate(resolve) })
  }
  return (cpuTime() - before) / calls
}

function end (span: ReturnType<Tracer['startSpan']>, histogram: Histogram, startedAt: number): void {
  histogram.record((performance.now() - startedAt) / 1_000, ENDED)
  if (span.isRecording()) span.setAttribute('rpc.status_code', 'ok')
  span.end()
}

obey({
  measure: async ({ sampling, calls }: BareOptions): Promise<BareCosts> => {
    registerSdk(sampling)
    const tracer = trace.getTracer('bare')
    const meter = metrics.getMeter('bare')
    const [client, server] = ['client', 'server'].map(side => meter.createHistogram(`rpc.${side}.call.duration`))
    if (client === undefined || server === undefined) throw new Error('two histograms were made')
    let carried: Record<string, string> = {}
    const called = (): void => {
      const startedAt = performance.now()
      const outer = context.active()
      const span = tracer.startSpan('todos/get', { kind: SpanKind.CLIENT, attributes: { ...ATTRIBUTES } }, outer)
      carried = {}
      propagation.inject(trace.setSpan(outer, span), carried)
      if (span.isRecording()) span.setAttribute('feathers_mesh.peer.id', 'host')
      end(span, client, startedAt)
    }
    const served = (): void => {
      const startedAt = performance.now()
      const outer: Context = propagation.extract(ROOT_CONTEXT, carried)
      const attributes = { ...ATTRIBUTES, 'feathers_mesh.peer.id': 'caller' }
      const span = tracer.startSpan('todos/get', { kind: SpanKind.SERVER, attributes }, outer)
      // A service waits for something: where a context is followed, each promise takes longer.
      const service = async (): Promise<void> => { await Promise.resolve() }
      void context.with(trace.setSpan(outer, span), service).then(() => end(span, server, startedAt))
    }
    // To warm up.
    for (const call of [called, served]) await costOf(calls / 4, call)
    return { caller: await costOf(calls, called), host: await costOf(calls, served) }
  }
})
