import {
  getServiceOptions, type Application, type FeathersService, type HookContext, type NextFunction
} from '@feathersjs/feathers'
import type { LimitedLog } from '../../log'
import { followServices, isHealthService, isRemote, servicesOf } from '../app/feathers-app'
import { collectorOf, extendHooks } from '../hooks/hook-collector'
import type { AroundHook } from '../hooks/registered-hooks'
import { isForeign } from '../../outside-form'
import { isRecord } from '../../record'
import { throwIfEndlessOfPeers } from '../../transport/values/json-text'
import { errorForClient, unsendableForClient, type ClientCall } from './client-error'
import { isForClient } from './client-json'

/** Marks a collector that has the guard: services may share one, and apps may share services. */
const GUARDED = Symbol('feathers-mesh:guarded')

/**
 * Guards the services of an app: a service that calls others by code may let their errors through, and clients then get
 * them in their outside form. It may pass results of other nodes on, too: those that stand for endless JSON become an
 * error. The guard is around all hooks, so those of the app see errors and results as they are.
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

async function inGuard (context: HookContext, next: NextFunction, failures: LimitedLog): Promise<void> {
  const { path, method, params } = context
  const client = { call: { path, method }, params, failures }
  try {
    await next()
  } catch (error) {
    checkJson([error], "it failed, and its error can't be sent to a client", context, client)
    // Texts and numbers can't be marked as those of another node, and handlers take errors alone.
    throw errorForClient(error, client, isForeign(error) || !isRecord(error))
  }
  checkJson([context.result, context.dispatch, context.http], "the result can't be sent to a client", context, client)
}

/** @throws the error that the client gets in the place of what would be endless JSON */
function checkJson (shown: readonly unknown[], message: string, context: HookContext, client: ClientCall): void {
  try {
    throwIfEndlessOfPeers(shown)
  } catch (reason) {
    // What a client gets beside an error, too, is written as JSON.
    context.dispatch = context.http = undefined
    throw unsendableForClient(message, reason, client)
  }
}
