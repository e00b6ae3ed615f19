interface WithSignal extends Record<string, unknown> {
  signal?: AbortSignal
}

/** Whoever makes a signal when it is asked for. */
interface SignalSource {
  readonly signal: AbortSignal
}

/**
 * Params with a signal that is made when somebody asks for it, or copies them: an AbortSignal costs as much as the
 * rest of a call, and a getter on each params a third of that.
 *
 * @param params - made for this call alone: they are changed
 */
export function withLazySignal (params: Record<string, unknown>, source: SignalSource): Record<string, unknown> {
  params.signal = undefined
  return new Proxy<WithSignal>(params, new LazySignal(source))
}

class LazySignal implements ProxyHandler<WithSignal> {
  constructor (private readonly source: SignalSource) {}

  get (params: WithSignal, name: string): unknown {
    this.fill(params, name)
    return params[name]
  }

  /** Who copies the params property by property. */
  getOwnPropertyDescriptor (params: WithSignal, name: string): PropertyDescriptor | undefined {
    this.fill(params, name)
    return Reflect.getOwnPropertyDescriptor(params, name)
  }

  private fill (params: WithSignal, name: string): void {
    if (name === 'signal') params.signal ??= this.source.signal
  }
}
