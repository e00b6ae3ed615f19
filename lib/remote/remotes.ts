import type { Class } from '../decorators/metadata'
import { methodNotAllowed, unavailable } from '../errors'
import { methodOf, type Contract } from '../contract/contract'
import type { Registry } from '../registry/registry'
import type { ReplyDetails, Transport } from '../transport/transport'
import { AbortListeners } from './call/abort-listeners'
import { Call } from './call/call'
import type { CallContext } from './call/call-context'
import { NO_OPTIONS, type CallPolicy } from './call/call-options'
import { CallScopes } from './call/call-scope'
import { ClassRemotes, type ClassPolicy } from './class-remotes'
import { Deadlines } from './call/deadlines'
import { toInvocation } from './call/invocation'
import { callLocally, type LocalCallContext, type RunLocally } from './call/local-call'
import { RemoteEvents } from './remote-events'
import { makeProxy } from './remote-proxy'
import type { CallOptions } from './remote-service'
import { ReplicaChoice } from './balancing/replica-choice'
import { ReplicaHealth, type HealthOptions } from './balancing/replica-health'
import type { Routing } from './balancing/routing'
import { WaitingCalls } from './call/waiting-calls'
import { whatIsKnown } from './call/unavailable-reason'

/** How a node calls others. */
export interface RemotePolicies {
  readonly policy: CallPolicy
  readonly routing: Routing
  /** When a replica is set aside. */
  readonly health: HealthOptions
  /** How the classes that the node holds of services are used for its remotes. */
  readonly classes: ClassPolicy
  /** The headers of outside clients that travel with calls, in lower case; all without it. */
  readonly headers?: ReadonlySet<string>
}

export interface RemotesOptions extends RemotePolicies {
  readonly registry: Registry
  readonly transport: Transport
  /** The id of this node. */
  readonly nodeId: string
  readonly runLocally: RunLocally
}

/** Makes the remotes of a node and does what they are asked: calls and events, here or over the mesh. */
export class Remotes {
  readonly events: RemoteEvents
  /** On whose behalf calls are made. */
  readonly scopes = new CallScopes()
  private readonly registry: Registry
  private readonly context: CallContext
  private readonly local: LocalCallContext
  private readonly headers: ReadonlySet<string> | undefined
  private readonly proxies = new Map<string, object>()
  private readonly classes: ClassRemotes

  constructor ({ registry, transport, runLocally, policy, routing, health, nodeId, classes, headers }: RemotesOptions) {
    this.registry = registry
    this.headers = headers
    this.context = {
      registry,
      transport,
      policy,
      scopes: this.scopes,
      deadlines: new Deadlines(),
      aborts: new AbortListeners(),
      choice: new ReplicaChoice(routing),
      health: new ReplicaHealth(transport, health, id => registry.hasNode(id)),
      waiting: new WaitingCalls(registry, policy.maxWaiting)
    }
    this.local = { ...this.context, nodeId, run: runLocally }
    registry.on('node-removed', ({ id }) => {
      this.context.choice.forget(id)
      this.context.health.forget(id)
    })
    this.events = new RemoteEvents(registry, transport)
    this.classes = new ClassRemotes(registry, this, classes)
  }

  /** The remote of a path; always the same one. */
  get (path: string): object {
    let proxy = this.proxies.get(path)
    if (proxy === undefined) {
      this.scopes.track()
      proxy = makeProxy(path, this, NO_OPTIONS)
      this.proxies.set(path, proxy)
    }
    return proxy
  }

  /** The same for callers that hold the class of the service: its values are instances, and its hosts are looked at. */
  ofClass (path: string, target: Class): object {
    return this.classes.get(path, target)
  }

  /** What a class of this node says of the service of a path. */
  contractOf (path: string): Contract | undefined {
    return this.classes.contractOf(path)
  }

  /** Calls a method: in the process where this node hosts the service, else on one of the nodes that do. */
  call (path: string, method: string, args: readonly unknown[], options = NO_OPTIONS): Promise<unknown> {
    const contract = this.registry.contract(path)
    const here = contract !== undefined && (options.node ?? this.local.nodeId) === this.local.nodeId
    return here ? this.callHere(contract, method, args, options) : this.callRemotely(path, method, args, options)
  }

  /** Calls a method on another node. */
  callRemotely (path: string, method: string, args: readonly unknown[], options = NO_OPTIONS): Promise<unknown> {
    return new Promise((resolve, reject) => {
      new Call(this.context, toInvocation(path, method, args, this.headers), options, { resolve, reject }).start()
    })
  }

  /**
   * The same for a caller that wants more than the result.
   *
   * @param tell - called with what the host says beside the result, before that
   */
  callWithDetails (
    path: string, method: string, args: readonly unknown[], tell: (details: ReplyDetails) => void
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const invocation = toInvocation(path, method, args, this.headers)
      new Call(this.context, invocation, NO_OPTIONS, { resolve, reject, tell }).start()
    })
  }

  private async callHere (
    contract: Contract, name: string, args: readonly unknown[], options: CallOptions
  ): Promise<unknown> {
    const { path, methods } = contract
    const method = methodOf(contract, name)
    if (method === undefined) throw methodNotAllowed({ path, method: name }, methods.map(each => each.name))
    return await callLocally(this.local, { path, method, args }, options)
  }

  /** Resolves when a service can be called; rejects as a call would when nobody hosts it in time. */
  async whenCallable (path: string): Promise<void> {
    const { registry, context: { waiting, policy: { timeout } } } = this
    const isCallable = (): boolean =>
      registry.contract(path) !== undefined || registry.service(path)?.isCallable === true
    if (isCallable()) return
    if (waiting.closed !== undefined) throw unavailable({ path, outcome: 'not-sent' }, waiting.closed)
    await new Promise<void>((resolve, reject) => {
      const giveUp = (reason: string): void => {
        clearTimeout(timer)
        waiting.delete(path, arrival)
        reject(unavailable({ path, outcome: 'not-sent' }, reason))
      }
      const wake = (): void => {
        if (!isCallable()) return waiting.await(path, arrival)
        clearTimeout(timer)
        resolve()
      }
      const arrival = { wake, giveUp }
      const timer = setTimeout(() => {
        giveUp(`no node hosts it after ${timeout} ms; ${whatIsKnown(registry, path)}`)
      }, timeout)
      waiting.await(path, arrival)
    })
  }

  /** The node joins the mesh. */
  open (): void {
    this.context.waiting.open()
  }

  /** The node is not on the mesh: what waits for others is given up, with the reason. */
  close (reason?: string): void {
    this.context.waiting.close(reason)
    this.context.health.close()
  }
}
