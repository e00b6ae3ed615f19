import type { Class } from '../decorators/metadata'
import { methodNotAllowed, unavailable } from '../errors'
import { LineLimit } from '../line-limit'
import type { LimitedLog, NodeLog } from '../log'
import { methodOf, type Contract } from '../contract/contract'
import type { MeshNode } from '../registry/mesh-node'
import type { Measures } from '../inspection/measures'
import type { Registry } from '../registry/registry'
import type { ReplyDetails, Transport } from '../transport/transport'
import { AbortListeners } from './call/limits/abort-listeners'
import { Call } from './call/call'
import { TracedCall } from './call/traced-call'
import type { CallContext } from './call/call-context'
import type { CallOptions, CallPolicy } from './call/call-options'
import { CallScopes } from './call/call-scope'
import { ClassRemotes, type ClassPolicy } from './class-remotes'
import { Deadlines } from './call/limits/deadlines'
import { DurableListeners } from './durable-listeners'
import { toInvocation } from './call/invocation'
import type { Expectations } from './expected-contracts'
import { callLocally, type LocalCallContext, type RunLocally } from './call/local-call'
import { RemoteEvents } from './remote-events'
import { makeProxy } from './remote-proxy'
import { ReplicaChoice } from './balancing/replica-choice'
import { ReplicaHealth, type HealthOptions } from './balancing/replica-health'
import type { Routing } from './balancing/routing'
import { WaitingCalls } from './call/waiting-calls'
import { ShedCalls } from './call/shed-calls'
import { unavailableReason } from './call/unavailable-reason'

/** How a node calls others. */
export interface RemotePolicies {
  readonly policy: CallPolicy
  readonly routing: Routing
  /** When a replica is set aside. */
  readonly health: HealthOptions
  /** How the node uses the classes that it holds of services of other nodes. */
  readonly classes: ClassPolicy
  /** The headers of outside clients that travel with calls, in lower case; all without it. */
  readonly headers?: ReadonlySet<string>
}

/** What the remotes of a node work with. */
export interface RemotesOptions extends RemotePolicies {
  readonly registry: Registry
  /** What classes expect of replicas; the registry has it as well. */
  readonly expectations: Expectations
  readonly transport: Transport
  /** The paths that the program says it calls. */
  readonly named?: readonly string[]
  readonly log: NodeLog
  /** The id of this node. */
  readonly nodeId: string
  readonly runLocally: RunLocally
  /** What is measured of calls to other nodes. */
  readonly measures: Measures
}

/** Makes the remotes of a node, and makes their calls and receives their events, here or over the mesh. */
export class Remotes {
  readonly events: RemoteEvents
  /** The listeners that are members of durable groups. */
  readonly durable: DurableListeners
  /** Where lines go that say why calls of clients failed. */
  readonly failures: LimitedLog
  /** The calls that are served here: calls on their behalf share their limits. */
  readonly scopes = new CallScopes()
  private readonly registry: Registry
  private readonly context: CallContext
  private readonly CallClass: typeof Call
  private readonly local: LocalCallContext
  private readonly headers: ReadonlySet<string> | undefined
  private readonly proxies = new Map<string, object>()
  private readonly needed: Set<string>
  private readonly classes: ClassRemotes

  constructor (options: RemotesOptions) {
    const { registry, expectations, transport, runLocally, policy, routing, health, nodeId, classes, log } = options
    this.registry = registry
    this.failures = { log, limit: new LineLimit() }
    this.headers = options.headers
    this.CallClass = options.measures.tracer === undefined ? Call : TracedCall
    this.needed = new Set(options.named)
    this.context = {
      registry,
      transport,
      policy,
      scopes: this.scopes,
      measures: options.measures,
      deadlines: new Deadlines(),
      aborts: new AbortListeners(),
      choice: new ReplicaChoice(routing),
      health: new ReplicaHealth(transport, health, id => registry.hasNode(id)),
      waiting: new WaitingCalls(registry, policy.maxWaiting),
      shed: new ShedCalls(policy.retryDelay, policy.maxWaiting),
      timedMethod: (path, method) => expectations.timedMethod(path, method)
    }
    this.local = { ...this.context, nodeId, run: runLocally }
    // From now on this node can call other nodes, unless it hosts the service itself.
    registry.on('service', ({ path }) => {
      if (!this.scopes.isTracking && registry.contract(path) === undefined) this.scopes.track()
    })
    registry.on('node', ({ id, isUnproven }) => this.context.health.joined(id, isUnproven === true))
    registry.on('node-removed', ({ id }) => {
      this.context.choice.delete(id)
      this.context.health.delete(id)
    })
    this.events = new RemoteEvents(registry, transport, log, options.measures.tracer)
    this.durable = new DurableListeners({
      registry,
      log,
      store: transport.eventStore,
      tracer: options.measures.tracer,
      declared: path => expectations.contractOf(path)
    })
    this.classes = new ClassRemotes(this, classes, { registry, expectations, log })
  }

  /** The remote of a path; always the same one. */
  get (path: string): object {
    let proxy = this.proxies.get(path)
    if (proxy === undefined) {
      this.need(path)
      proxy = makeProxy(path, this)
      this.proxies.set(path, proxy)
    }
    return proxy
  }

  /** The same for callers that hold the class of the service: values are instances, and replicas are compared. */
  ofClass (path: string, target: Class): object {
    this.need(path)
    return this.classes.get(path, target)
  }

  /** Whether a node hosts something that this one calls. */
  needs (node: MeshNode): boolean {
    return this.needed.size > 0 && this.registry.placesOf(node).some(path => this.needed.has(path))
  }

  /** A service is about to be called: its replicas that have never answered are asked whether they are there. */
  need (path: string): void {
    if (this.needed.has(path)) return
    this.needed.add(path)
    // Before the remote is used: calls that are served from now on are known to those made on their behalf.
    this.scopes.track()
    this.context.health.unproven.first(this.registry.service(path)?.hosts ?? [])
  }

  /** The contract that a class of this node has for the service of a path. */
  contractOf (path: string): Contract | undefined {
    return this.classes.contractOf(path)
  }

  /** Calls a method: in the process if this node hosts the service, else on one of the nodes that do. */
  call (path: string, method: string, args: readonly unknown[], options?: CallOptions): Promise<unknown> {
    const contract = this.registry.contract(path)
    const here = contract !== undefined && (options?.node ?? this.local.nodeId) === this.local.nodeId
    return here ? this.callHere(contract, method, args, options) : this.callRemotely(path, method, args, options)
  }

  /** Calls a method on another node. */
  callRemotely (path: string, method: string, args: readonly unknown[], options?: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const invocation = toInvocation(path, method, args, this.headers)
      new this.CallClass(this.context, invocation, options, { resolve, reject }).start()
    })
  }

  /**
   * The same for a caller that needs what the host sends beside the result.
   *
   * @param onDetails - called with it, before the promise resolves
   */
  callWithDetails (
    path: string, method: string, args: readonly unknown[], onDetails: (details: ReplyDetails) => void
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const invocation = toInvocation(path, method, args, this.headers)
      new this.CallClass(this.context, invocation, undefined, { resolve, reject, onDetails }).start()
    })
  }

  private async callHere (
    contract: Contract, name: string, args: readonly unknown[], options: CallOptions | undefined
  ): Promise<unknown> {
    const { path, methods } = contract
    const method = methodOf(contract, name)
    if (method === undefined) throw methodNotAllowed({ path, method: name }, methods.map(each => each.name))
    return await callLocally(this.local, { path, method, args }, options)
  }

  /** Resolves when a service can be called; rejects as a call would when no node hosts it in time. */
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
        giveUp(`no node hosts it after ${timeout} ms; ${unavailableReason(this.context, path)}`)
      }, timeout)
      waiting.await(path, arrival)
    })
  }

  /** The node joins the mesh: calls wait for hosts from now on. */
  open (): void {
    this.context.waiting.open()
  }

  /** The node is not on the mesh: calls that wait for hosts are rejected, with the reason. */
  close (reason?: string): void {
    const { waiting, shed, health } = this.context
    waiting.close(reason)
    shed.close(waiting.closed ?? '')
    health.close()
  }
}
