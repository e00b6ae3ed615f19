import { messageOf } from '../../printable'
import { fieldsOf } from '../../record'

/** What a context holds is the library's own affair. */
export type OtelContext = object

/** Values of attributes that are used here. */
export type Attributes = Readonly<Record<string, string | number>>

/** The part of a span that is used. */
export interface OtelSpan {
  spanContext (): object
  isRecording (): boolean
  setAttribute (name: string, value: string | number): unknown
  addEvent (name: string, attributes?: { [name: string]: string | number }): unknown
  setStatus (status: { code: number }): unknown
  end (): void
}

/** What a span begins with. */
export interface SpanStart {
  kind?: number
  attributes?: Attributes
  links?: Array<{ context: object }>
}

/** The part of a tracer that is used. */
export interface OtelTracer {
  startSpan (name: string, options: SpanStart, context: OtelContext): OtelSpan
}

/** Makes tracers: that of an SDK. */
export interface TracerProvider {
  getTracer (name: string, version?: string): object
}

/** The part of a histogram that is used. */
export interface OtelHistogram {
  record (value: number, attributes: Attributes): void
}

/** The part of a counter that is used. */
export interface OtelCounter {
  add (value: number, attributes: Attributes): void
}

/** The part of a meter that is used. */
export interface OtelMeter {
  createHistogram (name: string, options: object): OtelHistogram
  createCounter (name: string, options: object): OtelCounter
}

/** Makes meters: that of an SDK. */
export interface MeterProvider {
  getMeter (name: string, version?: string): object
}

/** Reads headers for a propagator. */
export interface HeaderGetter {
  keys (carrier: unknown): string[]
  get (carrier: unknown, name: string): string | undefined
}

/** Writes headers for a propagator. */
export interface HeaderSetter {
  set (carrier: { [name: string]: string }, name: string, value: string): void
}

/**
 * The part of `@opentelemetry/api` that is used. Its own types would be needed by users who don't have the package.
 */
export interface OtelApi {
  readonly ROOT_CONTEXT: OtelContext
  /** That of all spans which are part of no trace. */
  readonly INVALID_SPAN_CONTEXT: object
  readonly context: {
    active (): OtelContext
    with<T> (context: OtelContext, work: () => T): T
  }
  readonly trace: {
    getTracerProvider (): TracerProvider
    getSpan (context: OtelContext): OtelSpan | undefined
    setSpan (context: OtelContext, span: OtelSpan): OtelContext
  }
  readonly metrics: { getMeterProvider (): MeterProvider }
  readonly propagation: {
    extract (context: OtelContext, carrier: unknown, getter: HeaderGetter): OtelContext
    inject (context: OtelContext, carrier: { [name: string]: string }, setter: HeaderSetter): void
  }
}

/** The package, or why it can't be used: the end of a sentence. */
export type LoadedApi =
  { readonly api: OtelApi, readonly fault?: undefined } | { readonly api?: undefined, readonly fault: string }

const INSTALL = 'npm install @opentelemetry/api'

/** Loads the package. Within a try: no bundler demands it of programs without telemetry. */
export function loadApi (): LoadedApi {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return readApi(require('@opentelemetry/api'))
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    return { fault: `needs @opentelemetry/api, which can't be loaded (${reason}): ${INSTALL}` }
  }
}

/** @param loaded - what was found under the name of the package */
export function readApi (loaded: unknown): LoadedApi {
  const api = fieldsOf(loaded)
  if (['ROOT_CONTEXT', 'context', 'trace', 'metrics', 'propagation'].every(name => api[name] !== undefined)) {
    // Each part was looked for, and the package says what they do.
    return { api: loaded as OtelApi }
  }
  return { fault: `needs @opentelemetry/api 1.3 or later, and finds something else: ${INSTALL}@1` }
}
