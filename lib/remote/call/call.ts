import type { MethodContract } from '../../contract/contract'
import { methodNotAllowed, timedOut, unavailable, type CallErrorData } from '../../errors'
import type { Host } from '../../registry/mesh-node'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import {
  RequestRefused, TransportError, type ReplyDetails, type ReplyHandler, type Request
} from '../../transport/transport'
import { signalsOf, type AbortListener } from './abort-listeners'
import { Attempts } from './attempts'
import type { CallContext, CallResult } from './call-context'
import { policyOf, type CallPolicy } from './call-options'
import type { Queue, TimedCall } from './deadlines'
import type { Invocation } from './invocation'
import { keepDispatch } from './keep-dispatch'
import type { CallOptions } from '../remote-service'
import { whatIsKnown } from './unavailable-reason'

/**
 * One call under way, and the policy that it follows: wait for a host until the deadline, send to one replica,
 * and when the way there fails try another one if that is safe. It settles once.
 */
export class Call implements ReplyHandler, TimedCall, AbortListener {
  due = 0
  earlier: TimedCall | undefined
  later: TimedCall | undefined
  private readonly policy: CallPolicy
  private readonly signals: readonly AbortSignal[]
  /** Milliseconds that the call has: those of its policy, or less when it is made on behalf of another one. */
  private readonly time: number
  private readonly deadline: number
  private queue: Queue | undefined
  /** Ends an attempt that takes too long, or a pause between attempts. */
  private attemptTimer: NodeJS.Timeout | undefined
  private method: MethodContract | undefined
  private host: Host | undefined
  private requestId = 0
  private attemptedAt = 0
  private readonly attempts: Attempts
  private settled = false

  constructor (
    private readonly context: CallContext,
    private readonly invocation: Invocation,
    private readonly options: CallOptions,
    private readonly result: CallResult
  ) {
    const { path, method } = invocation
    this.policy = policyOf(context.policy, context.registry.service(path)?.method(method)?.method, options)
    this.attempts = new Attempts(this.policy)
    const scope = context.scopes.current()
    this.signals = signalsOf(options.signal, scope?.signal)
    const now = Date.now()
    const { timeout } = this.policy
    this.time = scope === undefined ? timeout : Math.max(0, Math.min(timeout, scope.deadline - now))
    this.deadline = now + this.time
  }

  start (): void {
    if (this.signals.some(({ aborted }) => aborted)) return this.onAbort()
    if (this.time === 0) return this.finish(timedOut(this.withoutHost(), this.time))
    const now = performance.now()
    this.queue = this.context.deadlines.add(this, this.time, now)
    for (const signal of this.signals) this.context.aborts.add(signal, this)
    this.attempt(now)
  }

  /** The service answered. */
  settle (error: unknown, value?: unknown, details?: ReplyDetails): void {
    if (this.settled) return
    if (this.host !== undefined) this.context.health.answered(this.host.node.id)
    this.leaveHost(performance.now() - this.attemptedAt)
    this.release()
    if (details !== undefined) {
      keepDispatch(value, details)
      this.result.tell?.(details)
    }
    if (error === null || error === undefined) this.result.resolve(value)
    else this.result.reject(error)
  }

  /** The way to the replica failed. */
  fail (error: TransportError): void {
    if (this.settled) return
    const node = this.host?.node.id
    if (node !== undefined && error instanceof RequestRefused) this.context.health.answered(node)
    this.attempts.failed(node, error)
    this.leaveHost()
    if (error.outcome === 'unknown' && this.method?.idempotent !== true) {
      return this.finish(unavailable({ ...this.names(), node, outcome: 'unknown' },
        `${error.message} before the reply; it is not known whether it ran, so it was not sent again`))
    }
    const { made, mayRepeat } = this.attempts
    if (mayRepeat) return this.attempt()
    const attempts = made === 1 ? 'one attempt' : `${made} attempts`
    this.finish(unavailable({ ...this.withoutHost(), node }, `given up after ${attempts}; ${error.message}`))
  }

  /** A host came while the call waited. */
  wake (): void {
    this.clearAttempt()
    this.attempts.forgetTried()
    this.attempt()
  }

  giveUp (reason: string): void {
    this.finish(unavailable(this.withoutHost(), reason))
  }

  private attempt (now = performance.now()): void {
    const { context: { registry, choice, health }, invocation: { path, method }, options, attempts } = this
    const entry = registry.service(path)
    if (entry === undefined) return this.wait()
    const offered = entry.method(method)
    if (offered === undefined) return this.finish(methodNotAllowed(this.names(), entry.methods))
    this.method = offered.method

    let host: Host | undefined
    try {
      host = choice.pick(health.healthy(this.candidates(offered.hosts)), this.invocation, options.affinity)
    } catch (error) {
      // Of the user's own function.
      return this.finish(error)
    }
    // That function may have given the call up.
    if (this.settled) return
    if (host !== undefined) return this.send(entry, host, now)
    if (!attempts.anyTried) return this.wait()
    this.pause()
  }

  /** The hosts that may take the next attempt; nearly always all of them. */
  private candidates (hosts: readonly Host[]): readonly Host[] {
    const { attempts, options: { node } } = this
    if (node === undefined && !attempts.anyTried) return hosts
    return hosts.filter(({ node: { id } }) => !attempts.hasTried(id) && (node ?? id) === id)
  }

  private send (entry: RemoteServiceEntry, host: Host, now: number): void {
    const { context: { transport, choice }, invocation: { method, id, data, params }, deadline } = this
    const request: Request = { method: method, key: host.node.key, path: host.contract.path, id, data, params, deadline }
    this.host = host
    this.attempts.started(host.node.id)
    choice.started(host)
    this.attemptedAt = now
    try {
      this.requestId = transport.request(host.node.id, request, this)
    } catch (error) {
      this.leaveHost()
      return this.finish(new TypeError(`${entry.path}.${method}() can't be sent: ${(error as Error).message}`, { cause: error }))
    }
    const { attemptTimeout } = this.policy
    // The last attempt has all the time that is left.
    if (attemptTimeout !== undefined && this.method?.idempotent === true && this.attempts.mayRepeat) {
      this.attemptTimer = setTimeout(() => this.onAttemptTimeout(), attemptTimeout)
    }
  }

  /** Nobody can take the call now; a change of the hosts may bring somebody who can. */
  private wait (): void {
    const { closed } = this.context.waiting
    if (closed !== undefined) return this.giveUp(closed)
    if (!this.policy.waitForService) return this.finish(unavailable(this.withoutHost(), this.reason()))
    if (this.context.waiting.add(this.invocation.path, this)) return
    this.finish(unavailable(this.withoutHost(), `${this.context.waiting.size} calls wait already; ${this.reason()}`))
  }

  /** All replicas failed; after a while each may be tried again. */
  private pause (): void {
    this.attemptTimer = setTimeout(() => this.onPauseOver(), this.attempts.nextPause())
    // Last: where there is nothing to wait for, this ends the call.
    this.context.waiting.add(this.invocation.path, this)
  }

  private onPauseOver (): void {
    this.context.waiting.delete(this.invocation.path, this)
    this.wake()
  }

  private onAttemptTimeout (): void {
    const { host } = this
    if (host === undefined) return
    this.forget()
    this.context.health.timedOut(host)
    this.attempts.failed(host.node.id, new TransportError(`no reply within ${this.policy.attemptTimeout} ms`, 'unknown'))
    this.leaveHost()
    this.attempt()
  }

  /** Its time is over. */
  onDeadline (): void {
    const { host, time } = this
    this.forget()
    if (host !== undefined) {
      this.context.health.timedOut(host)
      return this.finish(timedOut({ ...this.names(), node: host.node.id, outcome: 'unknown' }, time))
    }
    this.finish(unavailable(this.withoutHost(), `no node took it within ${time} ms; ${this.reason()}`))
  }

  /** Its signal was aborted, or that of the call that it is made for. */
  onAbort (): void {
    this.forget()
    this.finish(this.signals.find(({ aborted }) => aborted)?.reason)
  }

  /** Why nobody took the call. */
  private reason (): string {
    const { context: { registry }, invocation: { path }, options: { node }, attempts: { failure } } = this
    if (failure !== undefined) return failure
    return whatIsKnown(registry, path, node)
  }

  private names (): CallErrorData {
    return { path: this.invocation.path, method: this.invocation.method }
  }

  /** The data of an error of a call that no node has now. */
  private withoutHost (): CallErrorData {
    return { ...this.names(), outcome: this.attempts.outcome }
  }

  private forget (): void {
    if (this.host !== undefined) this.context.transport.cancel(this.host.node.id, this.requestId)
  }

  private leaveHost (latency?: number): void {
    if (this.host !== undefined) this.context.choice.finished(this.host, latency)
    this.host = undefined
    this.clearAttempt()
  }

  private clearAttempt (): void {
    if (this.attemptTimer !== undefined) clearTimeout(this.attemptTimer)
    this.attemptTimer = undefined
  }

  private finish (error: unknown): void {
    if (this.settled) return
    this.release()
    this.result.reject(error)
  }

  private release (): void {
    this.settled = true
    this.queue?.delete(this)
    this.context.waiting.delete(this.invocation.path, this)
    this.leaveHost()
    for (const signal of this.signals) this.context.aborts.delete(signal, this)
  }
}
