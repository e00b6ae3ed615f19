import type { MethodContract } from '../contract/contract'
import { methodNotAllowed, timedOut, unavailable, type CallErrorData } from '../errors'
import type { Host } from '../registry/mesh-node'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import type { ReplyHandler, Request, Transport, TransportError } from '../transport/transport'
import type { Invocation } from './invocation'
import type { CallOptions } from './remote-service'
import type { ReplicaChoice } from './replica-choice'
import { whatIsKnown } from './what-is-known'

/** What all calls of a node share. */
export interface CallContext {
  readonly registry: Registry
  readonly transport: Transport
  readonly choice: ReplicaChoice
  /** Milliseconds. */
  readonly timeout: number
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
  private readonly timeout: number
  private timer: NodeJS.Timeout | undefined
  private method: MethodContract | undefined
  private host: Host | undefined
  private requestId = 0
  private readonly tried = new Set<string>()
  private settled = false
  private waiting = false
  /** Why the last attempt failed, for the message when time is over. */
  private failure: string | undefined

  constructor (
    private readonly context: CallContext,
    private readonly invocation: Invocation,
    private readonly options: CallOptions,
    private readonly result: CallResult
  ) {
    const contract = context.registry.service(invocation.path)?.method(invocation.method)?.method
    this.timeout = options.timeout ?? contract?.timeout ?? context.timeout
  }

  start (): void {
    const { signal } = this.options
    this.timer = setTimeout(this.onDeadline, this.timeout)
    signal?.addEventListener('abort', this.onAbort, { once: true })
    if (signal?.aborted === true) this.onAbort()
    else this.attempt()
  }

  /** The service answered. */
  settle (error: unknown, value?: unknown): void {
    if (this.settled) return
    this.release()
    if (error === null || error === undefined) this.result.resolve(value)
    else this.result.reject(error)
  }

  /** The way to the replica failed. */
  fail (error: TransportError): void {
    if (this.settled) return
    const safe = error.outcome === 'not-sent' || this.method?.idempotent === true
    const node = this.host?.node.id
    this.failure = `node ${node ?? 'unknown'}: ${error.message}`
    this.leaveHost()
    if (safe) return this.attempt(error)
    this.finish(unavailable({ ...this.names(), node, outcome: error.outcome },
      `${error.message} before the reply; it is not known whether it ran, so it was not sent again`))
  }

  private attempt (last?: TransportError): void {
    const { context: { registry, choice }, invocation: { path, method }, options } = this
    const entry = registry.service(path)
    if (entry === undefined) return this.wait()
    const offered = entry.method(method)
    if (offered === undefined) return this.finish(methodNotAllowed(this.names(), entry.methods))
    this.method = offered.method

    const mayTake = ({ node: { id } }: Host): boolean => !this.tried.has(id) && (options.node ?? id) === id
    const host = choice.pick(offered.hosts.filter(mayTake))
    if (host !== undefined) return this.send(entry, host)
    if (last === undefined || options.node === undefined) return this.wait()
    this.finish(unavailable({ ...this.names(), node: options.node, outcome: last.outcome }, last.message))
  }

  private send (entry: RemoteServiceEntry, host: Host): void {
    const { context: { transport, choice }, invocation: { method, id, data, params } } = this
    const request: Request = { type: method, key: host.node.key, path: host.contract.path, id, data, params }
    this.host = host
    this.tried.add(host.node.id)
    choice.started(host)
    try {
      this.requestId = transport.request(host.node.id, request, this)
    } catch (error) {
      this.leaveHost()
      this.finish(new TypeError(`${entry.path}.${method}() can't be sent: ${(error as Error).message}`, { cause: error }))
    }
  }

  /** Nobody can take the call now; a change of the hosts may bring somebody who can. */
  private wait (): void {
    if (this.waiting) return
    this.waiting = true
    this.context.registry.on('service', this.onHosts).on('service-changed', this.onHosts)
  }

  private readonly onHosts = (entry: RemoteServiceEntry): void => {
    if (entry.path !== this.invocation.path) return
    this.stopWaiting()
    // A replica that failed once may be there again: what is known of it is new.
    this.tried.clear()
    this.attempt()
  }

  private readonly onDeadline = (): void => {
    this.forget()
    const node = this.host?.node.id
    if (node !== undefined) return this.finish(timedOut({ ...this.names(), node, outcome: 'unknown' }, this.timeout))
    const reason = `no node took it within ${this.timeout} ms; ${this.reason()}`
    this.finish(unavailable({ ...this.names(), outcome: 'not-sent' }, reason))
  }

  private readonly onAbort = (): void => {
    this.forget()
    this.finish(this.options.signal?.reason)
  }

  /** Why nobody took the call. */
  private reason (): string {
    const { context: { registry }, invocation: { path }, options: { node }, failure } = this
    if (failure !== undefined) return failure
    const hosts = registry.service(path)?.hosts.map(host => host.node.id)
    if (node !== undefined && hosts !== undefined) return `node ${node} does not host it, but these do: ${hosts.join(', ')}`
    return whatIsKnown(registry, path)
  }

  private names (): CallErrorData {
    return { path: this.invocation.path, method: this.invocation.method }
  }

  private forget (): void {
    if (this.host !== undefined) this.context.transport.forget(this.host.node.id, this.requestId)
  }

  private leaveHost (): void {
    if (this.host !== undefined) this.context.choice.finished(this.host)
    this.host = undefined
  }

  private stopWaiting (): void {
    if (!this.waiting) return
    this.waiting = false
    this.context.registry.off('service', this.onHosts).off('service-changed', this.onHosts)
  }

  private finish (error: unknown): void {
    if (this.settled) return
    this.release()
    this.result.reject(error)
  }

  private release (): void {
    this.settled = true
    clearTimeout(this.timer)
    this.stopWaiting()
    this.leaveHost()
    this.options.signal?.removeEventListener('abort', this.onAbort)
  }
}
