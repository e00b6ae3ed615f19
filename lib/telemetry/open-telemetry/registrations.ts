import { VERSION } from '../../inspection/version'
import type { HeaderGetter, MeterProvider, OtelApi, TracerProvider } from './otel-api'

/** The name of what makes the spans and metrics. */
export const SCOPE = 'feathers-mesh'

/** Where spans and metrics go. */
export interface Providers {
  /** @default the one that the program registered */
  readonly tracerProvider: TracerProvider | undefined
  readonly meterProvider: MeterProvider | undefined
}

/** Reads no header, and remembers whether it was asked for one. */
class Probe implements HeaderGetter {
  isAsked = false

  readonly keys = (): string[] => {
    this.isAsked = true
    return []
  }

  readonly get = (): undefined => { this.isAsked = true }
}

const NO_HEADERS = {}
const NO_WORK = (): void => {}

/**
 * What a program has registered with the library, which it may do at any time. Without anything, the library hands out
 * objects that do nothing, and to make those takes a tenth of a short call.
 */
export class Registrations {
  private readonly probe = new Probe()
  private hasAny: boolean

  constructor (private readonly api: OtelApi, { tracerProvider, meterProvider }: Providers) {
    this.hasAny = tracerProvider !== undefined || meterProvider !== undefined
  }

  /** Whether there is anything. Once there is, nobody looks again. */
  get any (): boolean {
    this.hasAny ||= this.takesSpans || this.takesMetrics || this.keepsContexts || this.readsHeaders
    return this.hasAny
  }

  /** The library's own provider makes no tracer until it has one to hand on to; all others make one. */
  private get takesSpans (): boolean {
    const provider = this.api.trace.getTracerProvider()
    return provider.getDelegateTracer === undefined || provider.getDelegateTracer(SCOPE, VERSION) !== undefined
  }

  private get takesMetrics (): boolean {
    const { metrics, createNoopMeter } = this.api
    return metrics.getMeterProvider().getMeter(SCOPE, VERSION) !== createNoopMeter()
  }

  /** The library's own manager binds nothing. */
  private get keepsContexts (): boolean {
    const { context, ROOT_CONTEXT } = this.api
    return context.bind(ROOT_CONTEXT, NO_WORK) !== NO_WORK
  }

  /** With a propagator alone, this process makes no spans, and hands on the traces of others. */
  private get readsHeaders (): boolean {
    const { propagation, ROOT_CONTEXT } = this.api
    try {
      propagation.extract(ROOT_CONTEXT, NO_HEADERS, this.probe)
    } catch {
      // The library's own one throws nothing.
      return true
    }
    return this.probe.isAsked
  }
}
