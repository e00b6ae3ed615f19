interface WithSignal extends Record<string, unknown> {
  signal?: AbortSignal
}

/** Makes a signal when it is first read. */
interface SignalSource {
  readonly signal: AbortSignal
}

/**
 * Params with a signal that is made when it is first read or copied: an AbortSignal costs as much as the rest of a
 * call, and a getter on each params a third of that.
 *
 * @param params - made for this call alone, as they are changed
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

  /** Called when params are copied property by property. */
  getOwnPropertyDescriptor (params: WithSignal, name: string): PropertyDescriptor | undefined {
    this.fill(params, name)
    return Reflect.getOwnPropertyDescriptor(params, name)
  }

  private fill (params: WithSignal, name: string): void {
    if (name === 'signal') params.signal ??= this.source.signal
  }
}
