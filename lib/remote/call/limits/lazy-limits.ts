import { meshNow, toWallTime, untilWallTime } from '../../../clock'
import { setOwn } from '../../../record'

/** The limits of a call, as its params show them. */
interface Limits extends Record<PropertyKey, unknown> {
  signal?: AbortSignal
  deadline?: number
}

/** Where the limits of a call come from. */
interface LimitSource {
  /** By the mesh clock; Infinity without a deadline. */
  readonly deadline: number
  /** Made when it is first read. */
  readonly signal: AbortSignal
}

/** Under this name params with lazy limits show where those come from. Copies of them don't have it. */
const SOURCE = Symbol('limits')

/**
 * Params with a signal and a deadline that are made when they are read or copied. An AbortSignal costs as much as the
 * rest of a call, and a getter on each params a third of that. The deadline is by the wall clock, which may be set
 * while the call runs: what is left of the call, from the moment at which it is read.
 *
 * @param params - made for this call alone, as they are changed
 */
export function withLazyLimits (params: Record<string, unknown>, source: LimitSource): Record<string, unknown> {
  params.signal = undefined
  if (source.deadline !== Infinity) params.deadline = undefined
  else if ('deadline' in params) delete params.deadline
  return lazily(params, source)
}

/**
 * A copy of params in which one property is another. Its limits are still made when they are read, and its getters are
 * copied without being called.
 */
export function copyWith (params: object, name: string, value: unknown): object {
  const limits: unknown = Reflect.get(params, SOURCE)
  const own = limits instanceof LazyLimits ? limits.params : params
  const copy: Record<string, unknown> = {}
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(own))
  setOwn(copy, name, value)
  return limits instanceof LazyLimits ? lazily(copy, limits.source) : copy
}

/** Milliseconds that a call has left, by its params; Infinity where they have no deadline. */
export function timeLeft (params: { readonly deadline?: number }): number {
  const limits: unknown = Reflect.get(params, SOURCE)
  if (limits instanceof LazyLimits) return limits.source.deadline - meshNow()
  const { deadline } = params
  return typeof deadline === 'number' ? untilWallTime(deadline) : Infinity
}

function lazily (params: Record<string, unknown>, source: LimitSource): Record<string, unknown> {
  return new Proxy<Limits>(params, new LazyLimits(params, source))
}

class LazyLimits implements ProxyHandler<Limits> {
  constructor (readonly params: Limits, readonly source: LimitSource) {}

  get (params: Limits, name: string | symbol): unknown {
    if (name === 'signal') return params.signal ??= this.source.signal
    if (name === 'deadline') return this.deadline
    return name === SOURCE ? this : params[name]
  }

  /** Called when params are copied property by property. */
  getOwnPropertyDescriptor (params: Limits, name: string): PropertyDescriptor | undefined {
    if (name === 'signal') params.signal ??= this.source.signal
    const own = Reflect.getOwnPropertyDescriptor(params, name)
    return name === 'deadline' && own !== undefined ? { ...own, value: this.deadline } : own
  }

  /** Params that are frozen keep what they show then. */
  defineProperty (params: Limits, name: string, property: PropertyDescriptor): boolean {
    if (name === 'deadline' && !('value' in property || 'get' in property)) params.deadline = this.deadline
    return Reflect.defineProperty(params, name, property)
  }

  /** That of the call, unless a hook has set or deleted it. */
  private get deadline (): number | undefined {
    const { params, source } = this
    return 'deadline' in params ? params.deadline ?? toWallTime(source.deadline) : undefined
  }
}
