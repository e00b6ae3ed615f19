import type { Application, FeathersService, HookContext } from '@feathersjs/feathers'
import { HookedMethod } from '../hooks/hooked-method'

type Method = ((...args: unknown[]) => unknown) & { readonly createContext?: () => HookContext }
type ServiceMethods = Readonly<Record<string, Method>>

/** A call under way. When it has ended, whatever the end, its context tells what hooks have made of it. */
export interface Serving {
  /** Undefined for what Feathers makes no context for. */
  readonly context: HookContext | undefined
  /** Gives the result where there is no context. */
  readonly ended: Promise<unknown>
}

/** Calls the services of an app with their hooks. */
export class LocalServices {
  private readonly methods = new WeakMap<FeathersService, Map<string, HookedMethod>>()

  constructor (private readonly app: Application) {}

  /**
   * Gives a promise whatever the service throws.
   *
   * @param args - made for this call alone: hooks may change them
   */
  call (path: string, method: string, args: unknown[]): Promise<unknown> {
    try {
      const service = this.app.service(path)
      const hooked = this.hookedMethod(service, method)
      if (hooked !== undefined) return hooked.call(args)
      // Contracts name methods that the service has; Feathers' own type knows the standard ones only.
      return Promise.resolve((service as unknown as ServiceMethods)[method](...args))
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the service threw
      return Promise.reject(error)
    }
  }

  /**
   * The same for a caller that wants more than the result.
   *
   * @param http - what the context begins with, as that of a REST transport does
   */
  serve (path: string, method: string, args: unknown[], http?: HookContext['http']): Serving {
    try {
      const service = this.app.service(path)
      const hooked = this.hookedMethod(service, method)
      if (hooked === undefined) return serveByFeathers(service, method, args, http)
      const context = hooked.contextOf(args)
      if (http !== undefined) context.http = http
      return { context, ended: hooked.run(context) }
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the app threw
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

/** As the transports of Feathers call a method: it goes on with a context that it is given, and gives it back. */
function serveByFeathers (
  service: FeathersService, name: string, args: unknown[], http: HookContext['http']
): Serving {
  const method = (service as unknown as ServiceMethods)[name]
  const context = method.createContext?.()
  if (context === undefined) return { context, ended: Promise.resolve(method.apply(service, args)) }
  if (http !== undefined) context.http = http
  const ended = Promise.resolve(method.call(service, ...args, context)).then(returned => {
    // A function of the app's own around the method may give something else.
    if (returned !== context) context.result = returned
  })
  return { context, ended }
}
