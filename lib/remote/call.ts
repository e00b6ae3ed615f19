import type { MethodContract } from '../contract/contract'
import { methodNotAllowed, timedOut, unavailable, type CallErrorData } from '../errors'
import type { Host } from '../registry/mesh-node'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import type { ReplyHandler, Request, Transport, TransportError } from '../transport/transport'
import { policyOf, type CallPolicy } from './call-options'
import { currentScope } from './call-scope'
import type { Invocation } from './invocation'
import type { CallOptions } from './remote-service'
import type { ReplicaChoice } from './replica-choice'
import type { ReplicaHealth } from './replica-health'
import type { WaitingCalls } from './waiting-calls'
import { whatIsKnown } from './what-is-known'

/** What all calls of a node share. */
export interface CallContext {
  readonly registry: Registry
  readonly transport: Transport
  readonly choice: ReplicaChoice
  readonly health: ReplicaHealth
  readonly waiting: WaitingCalls
  readonly policy: CallPolicy
}

/** The two ends of a promise. */
export interface CallResult {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * One call under way, and the policy that it follows: wait for a host until the deadline, send to one replica,
 * and when the way there fails try another one if that is safe. It settles once.
 */
export class Call implements ReplyHandler {
  private readonly policy: CallPolicy
  private readonly signals: readonly AbortSignal[]
  private deadline = 0
  private timer: NodeJS.Timeout | undefined
  /** Ends an attempt that takes too long, or a pause between attempts. */
  private attemptTimer: NodeJS.Timeout | undefined
  private method: MethodContract | undefined
  private host: Host | undefined
  private requestId = 0
  private sentAt = 0
  private attempts = 0
  private rounds = 0
  private readonly tried = new Set<string>()
  private settled = false
  /** Why the last attempt failed. */
  private failure: TransportError | undefined
  private failedNode: string | undefined

  constructor (
    private readonly context: CallContext,
    private readonly invocation: Invocation,
    private readonly options: CallOptions,
    private readonly result: CallResult
  ) {
    const { path, method } = invocation
    this.policy = policyOf(context.policy, context.registry.service(path)?.method(method)?.method, options)
    const scope = currentScope()
    this.signals = [options.signal, scope?.signal].filter(signal => signal !== undefined)
    this.deadline = Math.min(Date.now() + this.policy.timeout, scope?.deadline ?? Infinity)
  }

  start (): void {
    this.timer = setTimeout(this.onDeadline, this.deadline - Date.now())
    for (const signal of this.signals) signal.addEventListener('abort', this.onAbort, { once: true })
    if (this.signals.some(({ aborted }) => aborted)) this.onAbort()
    else this.attempt()
  }

  /** The service answered. */
  settle (error: unknown, value?: unknown): void {
    if (this.settled) return
    if (this.host !== undefined) this.context.health.answered(this.host.node.id)
    this.leaveHost(performance.now() - this.sentAt)
    this.release()
    if (error === null || error === undefined) this.result.resolve(value)
    else this.result.reject(error)
  }

  /** The way to the replica failed. */
  fail (error: TransportError): void {
    if (this.settled) return
    const node = this.host?.node.id
    this.failure = error
    this.failedNode = node
    this.leaveHost()
    if (error.outcome === 'unknown' && this.method?.idempotent !== true) {
      return this.finish(unavailable({ ...this.names(), node, outcome: 'unknown' },
        `${error.message} before the reply; it is not known whether it ran, so it was not sent again`))
    }
    if (this.attempts <= this.policy.retries) return this.attempt()
    this.finish(unavailable({ ...this.names(), node, outcome: error.outcome },
      `given up after ${this.attempts} attempts; ${error.message}`))
  }

  /** A host came while the call waited. */
  wake (): void {
    this.clearAttempt()
    // A replica that failed once may be there again: what is known of it is new.
    this.tried.clear()
    this.attempt()
  }

  giveUp (reason: string): void {
    this.finish(unavailable(this.notSent(), reason))
  }

  private attempt (): void {
    const { context: { registry, choice, health }, invocation: { path, method }, options } = this
    const entry = registry.service(path)
    if (entry === undefined) return this.wait()
    const offered = entry.method(method)
    if (offered === undefined) return this.finish(methodNotAllowed(this.names(), entry.methods))
    this.method = offered.method

    const mayTake = ({ node: { id } }: Host): boolean => !this.tried.has(id) && (options.node ?? id) === id
    const host = choice.pick(health.healthy(offered.hosts.filter(mayTake)), this.invocation, options.affinity)
    if (host !== undefined) return this.send(entry, host)
    if (this.tried.size === 0) return this.wait()
    this.pause()
  }

  private send (entry: RemoteServiceEntry, host: Host): void {
    const { context: { transport, choice }, invocation: { method, id, data, params }, deadline } = this
    const request: Request = { type: method, key: host.node.key, path: host.contract.path, id, data, params, deadline }
    this.host = host
    this.attempts++
    this.tried.add(host.node.id)
    choice.started(host)
    this.sentAt = performance.now()
    try {
      this.requestId = transport.request(host.node.id, request, this)
    } catch (error) {
      this.leaveHost()
      return this.finish(new TypeError(`${entry.path}.${method}() can't be sent: ${(error as Error).message}`, { cause: error }))
    }
    const { attemptTimeout } = this.policy
    if (attemptTimeout !== undefined && this.method?.idempotent === true) {
      this.attemptTimer = setTimeout(this.onAttemptTimeout, attemptTimeout)
    }
  }

  /** Nobody can take the call now; a change of the hosts may bring somebody who can. */
  private wait (): void {
    if (!this.policy.waitForService) return this.finish(unavailable(this.notSent(), this.reason()))
    if (this.context.waiting.add(this.invocation.path, this)) return
    this.finish(unavailable(this.notSent(), `${this.context.waiting.size} calls wait already; ${this.reason()}`))
  }

  /** All replicas failed; after a while each may be tried again. */
  private pause (): void {
    this.context.waiting.add(this.invocation.path, this)
    this.attemptTimer = setTimeout(this.onPauseOver, this.policy.retryDelay * 2 ** this.rounds++)
  }

  private readonly onPauseOver = (): void => {
    this.context.waiting.delete(this.invocation.path, this)
    this.wake()
  }

  private readonly onAttemptTimeout = (): void => {
    const { host } = this
    if (host === undefined) return
    this.forget()
    this.context.health.timedOut(host)
    this.leaveHost()
    if (this.attempts <= this.policy.retries) this.attempt()
  }

  private readonly onDeadline = (): void => {
    const { host } = this
    const timeout = this.policy.timeout
    this.forget()
    if (host !== undefined) {
      this.context.health.timedOut(host)
      return this.finish(timedOut({ ...this.names(), node: host.node.id, outcome: 'unknown' }, timeout))
    }
    this.finish(unavailable(this.notSent(), `no node took it within ${timeout} ms; ${this.reason()}`))
  }

  private readonly onAbort = (): void => {
    this.forget()
    this.finish(this.signals.find(({ aborted }) => aborted)?.reason)
  }

  /** Why nobody took the call. */
  private reason (): string {
    const { context: { registry }, invocation: { path }, options: { node }, failure } = this
    if (failure !== undefined) return `node ${this.failedNode ?? 'unknown'}: ${failure.message}`
    const hosts = registry.service(path)?.hosts.map(host => host.node.id)
    if (node !== undefined && hosts !== undefined) return `node ${node} does not host it, but these do: ${hosts.join(', ')}`
    return whatIsKnown(registry, path)
  }

  private names (): CallErrorData {
    return { path: this.invocation.path, method: this.invocation.method }
  }

  private notSent (): CallErrorData {
    return { ...this.names(), outcome: this.failure?.outcome ?? 'not-sent' }
  }

  private forget (): void {
    if (this.host !== undefined) this.context.transport.forget(this.host.node.id, this.requestId)
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
    clearTimeout(this.timer)
    this.context.waiting.delete(this.invocation.path, this)
    this.leaveHost()
    for (const signal of this.signals) signal.removeEventListener('abort', this.onAbort)
  }
}
