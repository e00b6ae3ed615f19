import { HEALTHCHECK, methodOf, type Caller } from '../../contract/contract'
import { forbidden, notHosted, overloaded, timedOut } from '../../errors'
import type { Registry } from '../../registry/registry'
import type { CallScopes } from '../../remote/call/call-scope'
import { toArguments } from '../../remote/call/invocation'
import type { OnRejected } from '../../transport/rejections'
import { RequestRefused, type IncomingCall } from '../../transport/transport'
import type { LocalServices, Serving } from '../offering/local-services'
import { detailsOf, httpOf } from '../reply-details'
import { ServedCallScope } from './served-call'
import { servedParams } from './served-params'

/** A transport that can't tell who calls has nobody to name. */
const UNKNOWN: Caller = Object.freeze({ proven: false, address: 'unknown' })

export interface RequestServerOptions {
  readonly services: LocalServices
  readonly registry: Registry
  readonly scopes: CallScopes
  /** How many requests are served at a time; one more is refused at once. */
  readonly maxInFlight: number
  readonly onRejected: OnRejected
}

/** Answers the requests of other nodes: only what is in a contract of this node exists. */
export class RequestServer {
  private inFlight = 0

  constructor (private readonly options: RequestServerOptions) {}

  serve (call: IncomingCall): void {
    const { registry, maxInFlight, onRejected } = this.options
    const { request: { path, method: method, deadline }, caller = UNKNOWN } = call
    const hosted = registry.hostedAt(path)
    if (hosted !== undefined && method === HEALTHCHECK) return call.reply(null, true)
    if (hosted === undefined || methodOf(hosted.contract, method) === undefined) {
      onRejected('notOffered', caller.address)
      // What came over the wire may be no path at all.
      return call.reply(new RequestRefused(notHosted({ path: typeof path === 'string' ? path : '', method })))
    }
    if (hosted.access?.permits(caller, method) === false) {
      const error = forbidden({ path, method }, caller)
      onRejected('forbidden', caller.address, error.message)
      return call.reply(error)
    }
    if (this.inFlight >= maxInFlight) {
      onRejected('tooManyCalls', caller.address)
      return call.reply(new RequestRefused(overloaded(`this node serves ${maxInFlight} requests already`, { path, method })))
    }
    // Its caller has gone on: nobody waits for what this would do.
    if (isTime(deadline) && deadline <= Date.now()) {
      return call.reply(new RequestRefused(timedOut({ path, method, outcome: 'not-sent' }, 0)))
    }
    this.run(call, caller)
  }

  private run (call: IncomingCall, caller: Caller): void {
    const { services, scopes } = this.options
    const { method: method, path, id, data, params: given, deadline } = call.request
    const scope = isTime(deadline) ? new ServedCallScope(call, deadline) : undefined
    const http = httpOf(given)
    const args = toArguments(method, { id, data, params: servedParams(given, caller, scope) })
    const work = (): Serving => services.serve(path, method, args, http)
    const { context, ended } = scope === undefined ? work() : scopes.run(scope, work)
    this.inFlight++
    ended.then(
      value => {
        this.end(scope)
        call.reply(null, context === undefined ? value : context.result, detailsOf(context))
      },
      (error: unknown) => {
        this.end(scope)
        call.reply(error ?? new Error('the service threw nothing'), undefined, detailsOf(context))
      }
    )
  }

  private end (scope: ServedCallScope | undefined): void {
    this.inFlight--
    if (scope === undefined) return
    scope.end()
    this.options.scopes.end(scope)
  }
}

/** Whatever a peer says, and our own format has a word for NaN. */
function isTime (deadline: unknown): deadline is number {
  return Number.isFinite(deadline)
}
