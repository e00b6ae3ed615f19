import type { MeterProvider, TracerProvider } from './otel-api'

/** Where all copies of `@opentelemetry/api` 1 keep what a program registers with any of them. */
const STORE = Symbol.for('opentelemetry.js.api.1')

interface Store {
  readonly trace?: object
  readonly metrics?: object
  readonly context?: object
  readonly propagation?: object
}

const NOTHING: Store = {}

/** Where spans and metrics go. */
export interface Providers {
  /** @default the one that the program registered */
  readonly tracerProvider: TracerProvider | undefined
  readonly meterProvider: MeterProvider | undefined
}

/**
 * What a program has registered with the library, which it may do at any time. Without anything, the library hands out
 * objects that do nothing, and to make those takes a tenth of a short call. The library itself tells by no function
 * whether it has anything, and to ask each of its parts takes a fiftieth.
 */
export class Registrations {
  private isFilled: boolean

  constructor ({ tracerProvider, meterProvider }: Providers) {
    this.isFilled = tracerProvider !== undefined || meterProvider !== undefined
  }

  /** Whether there is anything. Once there is, nobody looks again. */
  get haveAny (): boolean {
    if (!this.isFilled) this.isFilled = isStoreFilled()
    return this.isFilled
  }
}

function isStoreFilled (): boolean {
  // The library keeps nothing else there, and nobody else anything.
  const { trace, metrics, context, propagation } = (globalThis as { readonly [STORE]?: Store })[STORE] ?? NOTHING
  return (trace ?? metrics ?? context ?? propagation) !== undefined
}
