import type { Caller } from '../contract/contract'
import type { ServedCallScope } from './served-call'

/** The params that a service gets: those of the caller, and what only this node says of the call. */
interface ServedParams extends Record<string, unknown> {
  signal?: AbortSignal
}

/**
 * What the caller sent with what this node vouches for, said last: a caller can neither forge nor unset it.
 *
 * @param given - of the request, made for it alone: it is changed, which costs a tenth of a copy
 */
export function servedParams (
  given: Readonly<Record<string, unknown>> | undefined, caller: Caller, scope: ServedCallScope | undefined
): Record<string, unknown> {
  const params: ServedParams = isRecord(given) ? given : {}
  params.fromRemote = true
  params.caller = caller
  if (scope === undefined) {
    if ('deadline' in params) delete params.deadline
    if ('signal' in params) delete params.signal
    return params
  }
  params.deadline = scope.deadline
  params.signal = undefined
  return new Proxy(params, new LazySignal(scope))
}

/** Whatever a peer sent in its place. */
function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Makes the signal when somebody asks for it, or copies the params: an AbortSignal costs as much as the rest of a call,
 * and a getter on each params a third of that.
 */
class LazySignal implements ProxyHandler<ServedParams> {
  constructor (private readonly scope: ServedCallScope) {}

  get (params: ServedParams, name: string): unknown {
    this.fill(params, name)
    return params[name]
  }

  /** Who copies the params property by property. */
  getOwnPropertyDescriptor (params: ServedParams, name: string): PropertyDescriptor | undefined {
    this.fill(params, name)
    return Reflect.getOwnPropertyDescriptor(params, name)
  }

  private fill (params: ServedParams, name: string): void {
    if (name === 'signal') params.signal ??= this.scope.signal
  }
}
