import { TooManyRequests } from '@feathersjs/errors'
import type { Application } from '@feathersjs/feathers'
import { HEALTHCHECK, methodOf } from '../contract/contract'
import { notHosted, timedOut } from '../errors'
import type { Registry } from '../registry/registry'
import { inScope } from '../remote/call-scope'
import { toArguments } from '../remote/invocation'
import { RequestRefused, type IncomingCall } from '../transport/transport'
import { ServedCallScope } from './served-call'

/** What only this node says of a call. */
const VOUCHED = ['deadline', 'signal']

type ServiceMethods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>

/** Answers the requests of other nodes: only what is in a contract of this node exists. */
export class RequestServer {
  private inFlight = 0

  /** @param maxInFlight - how many requests are served at a time; one more is refused at once */
  constructor (
    private readonly app: Application, private readonly registry: Registry, private readonly maxInFlight: number
  ) {}

  serve (call: IncomingCall): void {
    const { path, type: method, deadline } = call.request
    const contract = this.registry.contract(path)
    if (contract !== undefined && method === HEALTHCHECK) return call.reply(null, true)
    if (contract === undefined || methodOf(contract, method) === undefined) {
      // What came over the wire may be no path at all.
      return call.reply(new RequestRefused(notHosted({ path: typeof path === 'string' ? path : '', method })))
    }
    if (this.inFlight >= this.maxInFlight) {
      const message = `${path}.${method}(): this node serves ${this.maxInFlight} requests already`
      return call.reply(new RequestRefused(new TooManyRequests(message, { path, method, outcome: 'not-sent' })))
    }
    // Its caller has gone on: nobody waits for what this would do.
    if (typeof deadline === 'number' && deadline <= Date.now()) {
      return call.reply(new RequestRefused(timedOut({ path, method, outcome: 'not-sent' }, 0)))
    }
    this.run(call)
  }

  private run (call: IncomingCall): void {
    const { type: method, path, params: given, deadline } = call.request
    // Said last: a caller can neither forge nor unset it.
    const params: Record<string, unknown> = { ...given, fromRemote: true }
    for (const name of VOUCHED) delete params[name]
    const scope = typeof deadline === 'number' ? new ServedCallScope(call, deadline) : undefined
    if (scope !== undefined) {
      params.deadline = scope.deadline
      Object.defineProperty(params, 'signal', { get: () => scope.signal, enumerable: true, configurable: true })
    }
    const work = async (): Promise<unknown> =>
      await callService(this.app, path, method, toArguments(method, { ...call.request, params }))
    this.inFlight++
    const done = (error: unknown, value?: unknown): void => {
      this.inFlight--
      scope?.end()
      call.reply(error, value)
    }
    const running = scope === undefined ? work() : inScope(scope, work)
    running.then(value => done(null, value), (error: unknown) => done(error ?? new Error('the service threw nothing')))
  }
}

/** Calls a service of this app with its hooks. */
export async function callService (
  app: Application, path: string, method: string, args: readonly unknown[]
): Promise<unknown> {
  // Contracts name methods that the service has; Feathers' own type knows the standard ones only.
  const service = app.service(path) as unknown as ServiceMethods
  return await service[method]?.(...args)
}
