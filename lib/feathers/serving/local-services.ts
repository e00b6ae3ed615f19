import type { Application, FeathersService, HookContext } from '@feathersjs/feathers'
import { methodsOf, type MethodsOf, type ServiceMethod } from '../app/feathers-app'
import { HookedMethod } from '../hooks/hooked-method'
import { AwaitedStores, type RunningCall } from './awaited-stores'

export type { RunningCall } from './awaited-stores'

/** A method that the contract of a service names, and that therefore exists. */
type ContractMethod = ServiceMethod & { readonly createContext?: () => HookContext }

/** Calls the services of an app with their hooks. */
export class LocalServices {
  /** The durable events that calls emit. */
  readonly stores = new AwaitedStores()
  private readonly methods = new WeakMap<FeathersService, Map<string, HookedMethod>>()

  constructor (private readonly app: Application) {}

  /**
   * Calls a method and returns its result. Never throws: failures reject the promise.
   *
   * @param args - made for this call alone, because hooks may change them
   */
  call (path: string, method: string, args: unknown[]): Promise<unknown> {
    if (this.stores.hasBegun) return this.stores.during(() => this.callNow(path, method, args))
    return this.callNow(path, method, args)
  }

  private callNow (path: string, method: string, args: unknown[]): Promise<unknown> {
    try {
      const service = this.app.service(path)
      const hooked = this.hookedMethod(service, method)
      if (hooked !== undefined) return hooked.call(args)
      return Promise.resolve(callByFeathers(methodsOf(service), method, args))
    } catch (error) {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever the service threw
      return Promise.reject(error)
    }
  }

  /**
   * Calls a method for a caller that needs the hook context as well as the result.
   *
   * @param http - the `http` that the context starts with, as with a REST transport
   */
  run (path: string, method: string, args: unknown[], http?: HookContext['http']): RunningCall {
    if (this.stores.hasBegun) return this.stores.run(() => this.runNow(path, method, args, http))
    return this.runNow(path, method, args, http)
  }

  private runNow (path: string, method: string, args: unknown[], http: HookContext['http']): RunningCall {
    try {
      const service = this.app.service(path)
      const hooked = this.hookedMethod(service, method)
      if (hooked === undefined) return runByFeathers(service, method, args, http)
      const context = hooked.contextOf(args)
      if (http !== undefined) context.http = http
      return { context, ended: hooked.run(context) }
    } catch (error) {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever the app threw
      return { context: undefined, ended: Promise.reject(error) }
    }
  }

  private hookedMethod (service: FeathersService, name: string): HookedMethod | undefined {
    const known = this.methods.get(service)?.get(name)
    if (known?.isCurrent === true) return known
    const methods = this.methods.get(service) ?? new Map<string, HookedMethod>()
    const method = HookedMethod.of(service, name)
    if (method === undefined) methods.delete(name)
    else this.methods.set(service, methods.set(name, method))
    return method
  }
}

/** Calls a method as a program does. */
function callByFeathers (service: MethodsOf<ContractMethod>, method: string, args: unknown[]): unknown {
  return service[method](...args)
}

/** Calls a method as the transports of Feathers do: where it takes a context, it returns that context. */
function runByFeathers (
  service: FeathersService, name: string, args: unknown[], http: HookContext['http']
): RunningCall {
  const method = methodsOf<ContractMethod>(service)[name]
  const context = method.createContext?.()
  if (context === undefined) return { context, ended: Promise.resolve(method.apply(service, args)) }
  if (http !== undefined) context.http = http
  const ended = Promise.resolve(method.call(service, ...args, context)).then(returned => {
    // A function that the app put around the method may return something else.
    if (returned !== context) context.result = returned
  })
  return { context, ended }
}
