import type { Application } from '@feathersjs/feathers'
import { HEALTHCHECK, methodOf } from '../contract/contract'
import { notHosted } from '../errors'
import type { Registry } from '../registry/registry'
import { toArguments } from '../remote/invocation'
import { RequestRefused, type Reply, type Request } from '../transport/transport'

type ServiceMethods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>

/** Answers a request of another node: only what is in a contract of this node exists. */
export function serve (app: Application, registry: Registry, request: Request, reply: Reply): void {
  const { path, type: method } = request
  const contract = registry.contract(path)
  if (contract !== undefined && method === HEALTHCHECK) return reply(null, true)
  if (contract === undefined || methodOf(contract, method) === undefined) {
    // What came over the wire may be no path at all.
    return reply(new RequestRefused(notHosted({ path: typeof path === 'string' ? path : '', method })))
  }
  // Said last: a caller can neither forge nor unset it.
  const params = { ...request.params, fromRemote: true }
  callService(app, path, method, toArguments(method, { ...request, params })).then(value => reply(null, value), reply)
}

/** Calls a service of this app with its hooks. */
export async function callService (
  app: Application, path: string, method: string, args: readonly unknown[]
): Promise<unknown> {
  // Contracts name methods that the service has; Feathers' own type knows the standard ones only.
  const service = app.service(path) as unknown as ServiceMethods
  return await service[method]?.(...args)
}
