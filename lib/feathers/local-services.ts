import type { Application, FeathersService } from '@feathersjs/feathers'
import { HookedMethod } from './hooked-method'

type ServiceMethods = Readonly<Record<string, (...args: unknown[]) => unknown>>

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
