import type { HookContext } from '@feathersjs/feathers'
import { meshTimeOf } from '../../clock'
import { HEALTHCHECK, methodOf, type Caller } from '../../contract/contract'
import { failedCallOf, forbidden, notHosted, overloaded, timedOut } from '../../errors'
import type { Measures } from '../../inspection/measures'
import type { MethodMeasure } from '../../inspection/method-measure'
import type { NodeLog } from '../../log'
import type { Registry } from '../../registry/registry'
import type { CallScopes } from '../../remote/call/call-scope'
import { toArguments } from '../../remote/call/invocation'
import type { OnRejected } from '../../transport/rejections'
import { RequestRefused, type IncomingCall, type ReplyDetails } from '../../transport/transport'
import { detailsOf, httpOf } from '../hooks/reply-details'
import type { LocalServices, RunningCall } from './local-services'
import { ServedCallScope } from './served-call-scope'
import { ServedLoad, type PeerLoad } from './served-load'
import { trustedParams } from './trusted-params'

/** The caller where the transport can't identify it. */
const UNKNOWN: Caller = Object.freeze({ proven: false, address: 'unknown' })

/** What answers requests, and within which limits. */
export interface RequestServerOptions {
  readonly services: LocalServices
  readonly registry: Registry
  readonly scopes: CallScopes
  /** How many requests run at a time, and what they take; further ones are rejected at once. */
  readonly maxInFlight: number
  readonly maxInFlightBytes: number
  readonly onRejected: OnRejected
  readonly log: NodeLog
  readonly measures: Measures
}

/** Answers the requests of other nodes. For them, nothing exists but what a contract of this node offers. */
export class RequestServer {
  private readonly load: ServedLoad

  constructor (private readonly options: RequestServerOptions) {
    this.load = new ServedLoad(options)
  }

  /** Runs a call and replies to it, or replies at once why it does not run. */
  serve (call: IncomingCall): void {
    const { registry, onRejected, log } = this.options
    const { request: { path, method, deadline }, caller = UNKNOWN } = call
    const hosted = registry.hostedAt(path)
    if (hosted !== undefined && method === HEALTHCHECK) return call.reply(null, true)
    if (hosted === undefined || methodOf(hosted.contract, method) === undefined) {
      onRejected('notOffered', caller.address)
      return call.reply(new RequestRefused(notHosted(failedCallOf(call.request))))
    }
    if (hosted.access?.permits(caller, method, log) === false) {
      const error = forbidden({ path, method }, caller)
      onRejected('forbidden', caller.address, error.message)
      return call.reply(error)
    }
    const load = this.load.of(caller)
    const busy = this.busyWith(load, call)
    if (busy !== undefined) return call.reply(new RequestRefused(overloaded(busy, { path, method }), 'busy'))
    const now = performance.now()
    // The caller has stopped waiting, so the call must not run.
    if (isTime(deadline) && deadline <= meshTimeOf(now)) {
      return call.reply(new RequestRefused(timedOut({ path, method, outcome: 'not-sent' }, 0), 'late'))
    }
    this.options.measures.clock.begin()
    this.run(call, caller, load, toMicroseconds(now))
  }

  /** Why this node has too much to do for a call; undefined where it has not. */
  private busyWith (load: PeerLoad, { bytes = 0, caller = UNKNOWN }: IncomingCall): string | undefined {
    const { maxInFlight, maxInFlightBytes, onRejected } = this.options
    if (!this.load.hasRoomForCall(load)) {
      onRejected('tooManyCalls', caller.address)
      return `this node serves ${maxInFlight} requests already`
    }
    if (this.load.hasRoomForBytes(load, bytes)) return undefined
    onRejected('tooManyBytes', caller.address)
    return `the requests that this node serves take ${maxInFlightBytes} bytes already`
  }

  private run (call: IncomingCall, caller: Caller, load: PeerLoad, startedUs: number): void {
    const { services, scopes, measures } = this.options
    const { method, path, id, data, params: given, deadline } = call.request
    const scope = isTime(deadline) ? new ServedCallScope(call, deadline) : undefined
    const http = httpOf(given)
    const args = toArguments(method, { id, data, params: trustedParams(given, caller, scope) })
    const work = (): RunningCall => services.run(path, method, args, http)
    const trace = measures.tracer?.served(call.request, caller)
    const start = trace === undefined ? work : () => trace.run(work)
    const { context, ended } = scope === undefined ? start() : scopes.run(scope, start)
    const { bytes = 0 } = call
    this.load.add(load, bytes)
    const measure = measures.served.of(path, method)
    measure.inFlight++
    ended.then(
      value => {
        this.load.delete(load, bytes)
        scope?.end()
        reply(call, context, context === undefined ? value : undefined)
        const ms = this.ended(call, measure, startedUs, null)
        trace?.ended(null, ms)
      },
      (error: unknown) => {
        this.load.delete(load, bytes)
        scope?.end()
        replyWithError(call, context, error)
        const ms = this.ended(call, measure, startedUs, error ?? UNKNOWN_ERROR)
        trace?.ended(error ?? UNKNOWN_ERROR, ms)
      }
    )
  }

  private ended (call: IncomingCall, measure: MethodMeasure, startedUs: number, error: unknown): number {
    const { taps, clock } = this.options.measures
    const endedUs = toMicroseconds(clock.end(this.load.underWay))
    // Both may have run over: their difference has not.
    const ms = ((endedUs - startedUs) | 0) / 1_000
    measure.ended(ms, error)
    if (taps.areOpen) this.show(call, ms, error)
    return ms
  }

  private show (call: IncomingCall, ms: number, error: unknown): void {
    const { taps } = this.options.measures
    const { request: { path, method: name, id, data }, caller: peer, bytes, replyLength } = call
    taps.take({ side: 'served', path, name, peer, bytes, replyLength, ms, error, payload: { id, data } })
  }
}

/** What a service threw that threw nothing. */
const UNKNOWN_ERROR = new Error('nothing')

/** A small whole number, which a call keeps without memory of its own; it runs over after 35 minutes. */
function toMicroseconds (ms: number): number {
  return (ms * 1_000) | 0
}

/** Sends the result that hooks left in the context, or that of a call without one. */
function reply (call: IncomingCall, context: HookContext | undefined, value: unknown): void {
  let result: unknown, details: ReplyDetails | undefined
  try {
    result = context === undefined ? value : context.result
    details = detailsOf(context)
  } catch (error) {
    // A hook put a getter that throws into the context. The call still gets an answer.
    return call.reply(error ?? new Error('the context threw nothing'))
  }
  call.reply(null, result, details)
}

function replyWithError (call: IncomingCall, context: HookContext | undefined, error: unknown): void {
  let details: ReplyDetails | undefined
  try {
    details = detailsOf(context)
  } catch {
    // The error has to arrive.
  }
  call.reply(error ?? new Error('the service threw nothing'), undefined, details)
}

/** Whether a deadline is a time. A peer may send anything, and the format of values can carry NaN. */
function isTime (deadline: unknown): deadline is number {
  return Number.isFinite(deadline)
}
