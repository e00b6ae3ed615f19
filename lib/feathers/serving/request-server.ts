import { HEALTHCHECK, methodOf, type Caller } from '../../contract/contract'
import { forbidden, notHosted, overloaded, timedOut } from '../../errors'
import type { Registry } from '../../registry/registry'
import type { CallScopes } from '../../remote/call/call-scope'
import { toArguments } from '../../remote/call/invocation'
import type { OnRejected } from '../../transport/rejections'
import { RequestRefused, type IncomingCall } from '../../transport/transport'
import { detailsOf, httpOf } from '../hooks/reply-details'
import type { LocalServices, RunningCall } from './local-services'
import { ServedCallScope } from './served-call-scope'
import { trustedParams } from './trusted-params'

/** The caller where the transport can't identify it. */
const UNKNOWN: Caller = Object.freeze({ proven: false, address: 'unknown' })

/** What answers requests, and within which limits. */
export interface RequestServerOptions {
  readonly services: LocalServices
  readonly registry: Registry
  readonly scopes: CallScopes
  /** How many requests run at a time; further ones are rejected at once. */
  readonly maxInFlight: number
  readonly onRejected: OnRejected
}

/** Answers the requests of other nodes. For them, nothing exists but what a contract of this node offers. */
export class RequestServer {
  private inFlight = 0

  constructor (private readonly options: RequestServerOptions) {}

  /** Runs a call and replies to it, or replies at once why it does not run. */
  serve (call: IncomingCall): void {
    const { registry, maxInFlight, onRejected } = this.options
    const { request: { path, method, deadline }, caller = UNKNOWN } = call
    const hosted = registry.hostedAt(path)
    if (hosted !== undefined && method === HEALTHCHECK) return call.reply(null, true)
    if (hosted === undefined || methodOf(hosted.contract, method) === undefined) {
      onRejected('notOffered', caller.address)
      // A peer may send anything as the path.
      return call.reply(new RequestRefused(notHosted({ path: typeof path === 'string' ? path : '', method })))
    }
    if (hosted.access?.permits(caller, method) === false) {
      const error = forbidden({ path, method }, caller)
      onRejected('forbidden', caller.address, error.message)
      return call.reply(error)
    }
    if (this.inFlight >= maxInFlight) {
      onRejected('tooManyCalls', caller.address)
      return call.reply(new RequestRefused(overloaded(`this node serves ${maxInFlight} requests already`, { path, method }), 'busy'))
    }
    // The caller has stopped waiting, so the call must not run.
    if (isTime(deadline) && deadline <= Date.now()) {
      return call.reply(new RequestRefused(timedOut({ path, method, outcome: 'not-sent' }, 0), 'late'))
    }
    this.run(call, caller)
  }

  private run (call: IncomingCall, caller: Caller): void {
    const { services, scopes } = this.options
    const { method, path, id, data, params: given, deadline } = call.request
    const scope = isTime(deadline) ? new ServedCallScope(call, deadline) : undefined
    const http = httpOf(given)
    const args = toArguments(method, { id, data, params: trustedParams(given, caller, scope) })
    const work = (): RunningCall => services.run(path, method, args, http)
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
    scope?.end()
  }
}

/** Whether a deadline is a time. A peer may send anything, and the format of values can carry NaN. */
function isTime (deadline: unknown): deadline is number {
  return Number.isFinite(deadline)
}
