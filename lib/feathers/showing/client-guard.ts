import {
  getServiceOptions, type Application, type FeathersService, type HookContext, type NextFunction
} from '@feathersjs/feathers'
import type { LimitedLog } from '../../log'
import { followServices, isHealthService, isRemote, servicesOf } from '../app/feathers-app'
import { collectorOf, extendHooks } from '../hooks/hook-collector'
import type { AroundHook } from '../hooks/registered-hooks'
import { errorForClient } from './client-error'
import { isForClient } from './client-json'

/** Marks a collector that has the guard: services may share one, and apps may share services. */
const GUARDED = Symbol('feathers-mesh:guarded')

/**
 * Guards the services of an app: a service that calls others by code may let their errors through, and clients then get
 * them in their outside form. The guard is around all hooks, so those of the app see the errors as they are.
 *
 * @param failures - where lines go that say what clients are not told
 */
export function guardServices (app: Application, failures: LimitedLog): void {
  for (const path of Object.keys(servicesOf(app))) guard(app.service(path), failures)
  followServices(app, service => guard(service, failures))
}

function guard (service: FeathersService, failures: LimitedLog): void {
  // Those have a way of their own.
  if (isRemote(service) || isHealthService(service)) return
  const { methods = [] } = getServiceOptions(service)
  for (const method of methods) {
    const collector = collectorOf(service, method)
    if (collector === undefined || GUARDED in collector) continue
    const guarded: AroundHook = (context, next) =>
      isForClient(context.params) ? inGuard(context, next, failures) : next()
    extendHooks(collector, hooks => [guarded, ...hooks])
    Reflect.defineProperty(collector, GUARDED, { value: true })
  }
}

async function inGuard (context: HookContext, next: NextFunction, failures: LimitedLog): Promise<unknown> {
  try {
    return await next()
  } catch (error) {
    const { path, method, params } = context
    throw errorForClient(error, { call: { path, method }, params, failures })
  }
}
