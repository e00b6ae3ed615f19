import type { MethodContract } from '../../contract/contract'
import { keepDispatch } from '../../dispatch'
import {
  attemptsFailed, methodNotAllowed, timedOut, tooManyWaiting, unavailable, unsendableArguments, type FailedCall
} from '../../errors'
import { markForeign } from '../../outside-form'
import { nodeTitle } from '../../printable'
import { withNodeTitle, type Host } from '../../registry/mesh-node'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import {
  RequestRefused, TransportError, type ReplyDetails, type ReplyHandler, type Request
} from '../../transport/transport'
import { signalsOf } from './abort-listeners'
import { Attempts } from './attempts'
import type { CallContext, CallResult } from './call-context'
import { policyOf, type CallOptions, type CallPolicy } from './call-options'
import type { Invocation } from './invocation'
import { LimitedCall } from './limited-call'
import { unavailableReason } from './unavailable-reason'

/** Where a call is in the diagram of {@link Call}. */
type CallState = 'idle' | 'waiting' | 'sent' | 'paused' | 'settled'

/**
 * One call under way, and the policy that it follows. `attempt()` decides where it goes; it settles once.
 *
 * ```text
 *   idle ──────── start ─────────▶ attempt ──┬─ no host ─────────────▶ waiting
 *   waiting ───── a host joined ─▶ attempt   ├─ a replica is left ───▶ sent (host)
 *   paused ────── pause is over ─▶ attempt   ├─ each one was tried ──▶ paused
 *      or the hosts changed                  └─ no such method ──────▶ settled
 *   sent (host) ─ connection lost, refused, or attemptTimeout:
 *                  may be repeated ▶ attempt;  must not ▶ settled
 *   sent (host) ─ reply ─────────▶ settled
 *   any state ─── deadline, signal, the node leaves ──▶ settled
 * ```
 */
export class Call extends LimitedCall implements ReplyHandler {
  private state: CallState = 'idle'
  private readonly policy: CallPolicy
  /** In milliseconds since 1970, for the host. */
  private readonly deadline: number
  private readonly attempts: Attempts
  private method: MethodContract | undefined
  /** The replica that has the call, and since when; only while it is sent. */
  private host: Host | undefined
  private requestId = 0
  private sentAt = 0
  /** Ends an attempt that takes too long; only while it is sent. */
  private attemptTimer: NodeJS.Timeout | undefined
  /** Ends a pause; only while it is paused. */
  private pauseTimer: NodeJS.Timeout | undefined

  constructor (
    private readonly context: CallContext,
    private readonly invocation: Invocation,
    private readonly options: CallOptions | undefined,
    private readonly result: CallResult
  ) {
    const { path, method } = invocation
    const policy = policyOf(context.policy, context.registry.service(path)?.method(method)?.method, options)
    const scope = context.scopes.current()
    const now = Date.now()
    // A call on behalf of another one has no more time than that.
    const timeMs = scope === undefined ? policy.timeout : Math.max(0, Math.min(policy.timeout, scope.deadline - now))
    super(signalsOf(options?.signal, scope?.signal), timeMs)
    this.policy = policy
    this.deadline = now + timeMs
    this.attempts = new Attempts(policy)
  }

  /** Begins the call; its result goes to the two ends of its promise. */
  start (): void {
    if (this.abortedSignal !== undefined) return this.onAbort()
    if (this.timeMs === 0) return this.reject(timedOut(this.withoutHost(), this.timeMs))
    const now = performance.now()
    this.watchLimits(this.context, now)
    this.attempt(now)
  }

  /** Sends the call to a replica, or finds out what it has to wait for. */
  private attempt (now = performance.now()): void {
    const { context: { registry, choice, health }, invocation: { path, method }, options, attempts } = this
    const entry = registry.service(path)
    if (entry === undefined) return this.wait()
    const offered = entry.method(method)
    if (offered === undefined) return this.reject(methodNotAllowed(this.names(), entry.methods))
    this.method = offered.method

    let host: Host | undefined
    try {
      host = choice.pick(health.healthy(this.candidates(offered.hosts)), this.invocation, options?.affinity)
    } catch (error) {
      // Thrown by the user's own routing function.
      return this.reject(error)
    }
    // That function may have aborted the call.
    if (this.state === 'settled') return
    if (host !== undefined) return this.send(entry, host, now)
    if (!attempts.anyTried) return this.wait()
    this.pause()
  }

  /** The hosts that may take the next attempt; nearly always all of them. */
  private candidates (hosts: readonly Host[]): readonly Host[] {
    const { attempts, options } = this
    const node = options?.node
    if (node === undefined && !attempts.anyTried) return hosts
    return hosts.filter(({ node: { id } }) => !attempts.hasTried(id) && (node ?? id) === id)
  }

  private send (entry: RemoteServiceEntry, host: Host, now: number): void {
    const { context: { transport, choice }, invocation: { method, id, data, params }, deadline } = this
    const request: Request = { method, key: host.node.key, path: host.contract.path, id, data, params, deadline }
    this.state = 'sent'
    this.host = host
    this.attempts.started(host.node.id)
    choice.started(host)
    this.sentAt = now
    try {
      this.requestId = transport.request(host.node.id, request, this)
    } catch (error) {
      this.leaveHost()
      return this.reject(unsendableArguments({ path: entry.path, method }, error))
    }
    const { attemptTimeout } = this.policy
    // The last attempt has all the time that is left.
    if (attemptTimeout !== undefined && this.method?.idempotent === true && this.attempts.mayRepeat) {
      this.attemptTimer = setTimeout(() => this.onAttemptTimeout(), attemptTimeout)
    }
  }

  /** No node can take the call now; one that joins may. */
  private wait (): void {
    const { waiting } = this.context
    if (waiting.closed !== undefined) return this.giveUp(waiting.closed)
    if (!this.policy.waitForService) return this.giveUp(this.reason())
    this.state = 'waiting'
    if (waiting.add(this.invocation.path, this)) return
    this.reject(tooManyWaiting(this.withoutHost(), waiting.size, this.reason()))
  }

  /** All replicas failed; after a while each may be tried again. */
  private pause (): void {
    this.state = 'paused'
    this.pauseTimer = setTimeout(() => this.onPauseOver(), this.attempts.nextPause())
    // Last: on a node that has left the mesh this ends the call.
    this.context.waiting.add(this.invocation.path, this)
  }

  private onPauseOver (): void {
    this.context.waiting.delete(this.invocation.path, this)
    this.wake()
  }

  /** The hosts of the service changed while the call waited, or its pause is over. */
  wake (): void {
    this.clearPause()
    this.attempts.clearTried()
    this.attempt()
  }

  /** The service answered. */
  settle (error: unknown, value?: unknown, details?: ReplyDetails): void {
    if (this.state === 'settled') return
    if (this.host !== undefined) this.context.health.answered(this.host.node.id)
    this.leaveHost(performance.now() - this.sentAt)
    this.release()
    if (details !== undefined) {
      keepDispatch(value, details.dispatch)
      this.result.onDetails?.(details)
    }
    if (error === null || error === undefined) this.result.resolve(value)
    else this.result.reject(markForeign(error))
  }

  /** The attempt failed, and not by the service. */
  fail (error: TransportError): void {
    if (this.state === 'settled') return
    const { host } = this
    const node = host?.node.id
    if (node !== undefined && error instanceof RequestRefused) this.context.health.answered(node)
    this.attempts.failed(host && nodeTitle(host.node), error)
    const reason = host === undefined ? error.message : withNodeTitle(error.message, host.node)
    this.leaveHost()
    if (error.outcome === 'unknown' && this.method?.idempotent !== true) {
      return this.reject(attemptsFailed({ ...this.names(), node, outcome: 'unknown' },
        `${reason} before the reply; it is not known whether it ran, so it was not sent again`))
    }
    const { made, mayRepeat } = this.attempts
    if (mayRepeat) return this.attempt()
    const attempts = made === 1 ? 'one attempt' : `${made} attempts`
    this.reject(attemptsFailed({ ...this.withoutHost(), node }, `given up after ${attempts}; ${reason}`))
  }

  private onAttemptTimeout (): void {
    const { host } = this
    if (host === undefined) return
    this.cancelRequest()
    this.context.health.timedOut(host)
    const error = new TransportError(`no reply within ${this.policy.attemptTimeout} ms`, 'unknown')
    this.attempts.failed(nodeTitle(host.node), error)
    this.leaveHost()
    this.attempt()
  }

  /** Its time is over. */
  override onDeadline (): void {
    const { host, timeMs } = this
    this.cancelRequest()
    if (host === undefined) return this.giveUp(`no node took it within ${timeMs} ms; ${this.reason()}`)
    this.context.health.timedOut(host)
    this.reject(timedOut({ ...this.names(), node: host.node.id, outcome: 'unknown' }, timeMs, nodeTitle(host.node)))
  }

  /** By its own signal, or by that of the call that it is made for. */
  override onAbort (): void {
    this.cancelRequest()
    this.reject(this.abortedSignal?.reason)
  }

  /** No node will take the call. */
  giveUp (reason: string): void {
    this.reject(unavailable(this.withoutHost(), reason))
  }

  private reject (error: unknown): void {
    if (this.state === 'settled') return
    this.release()
    this.result.reject(error)
  }

  private release (): void {
    this.state = 'settled'
    this.unwatchLimits(this.context)
    this.context.waiting.delete(this.invocation.path, this)
    this.leaveHost()
    this.clearPause()
  }

  private cancelRequest (): void {
    if (this.host !== undefined) this.context.transport.cancel(this.host.node.id, this.requestId)
  }

  /** @param latency - milliseconds until the reply; none when there was no reply */
  private leaveHost (latency?: number): void {
    if (this.host !== undefined) this.context.choice.finished(this.host, latency)
    this.host = undefined
    if (this.attemptTimer !== undefined) clearTimeout(this.attemptTimer)
    this.attemptTimer = undefined
  }

  private clearPause (): void {
    if (this.pauseTimer !== undefined) clearTimeout(this.pauseTimer)
    this.pauseTimer = undefined
  }

  /** Why no node took the call. */
  private reason (): string {
    const { context: { registry }, invocation: { path }, options, attempts: { failure } } = this
    return failure ?? unavailableReason(registry, path, options?.node)
  }

  private names (): FailedCall {
    return { path: this.invocation.path, method: this.invocation.method }
  }

  /** The call, for errors while no node has it. */
  private withoutHost (): FailedCall {
    return { ...this.names(), outcome: this.attempts.outcome }
  }
}
