import { methodNotAllowed, unavailable } from '../errors'
import { methodOf, type Contract } from '../contract/contract'
import type { Registry } from '../registry/registry'
import type { Transport } from '../transport/transport'
import { AbortListeners } from './abort-listeners'
import { Call } from './call'
import type { CallContext } from './call-context'
import { NO_OPTIONS, type CallPolicy } from './call-options'
import { CallScopes } from './call-scope'
import { Deadlines } from './deadlines'
import { toInvocation } from './invocation'
import { callLocally, type LocalCallContext, type RunLocally } from './local-call'
import { RemoteEvents } from './remote-events'
import { makeProxy } from './remote-proxy'
import type { CallOptions } from './remote-service'
import { ReplicaChoice } from './replica-choice'
import { ReplicaHealth, type HealthOptions } from './replica-health'
import type { Routing } from './routing'
import { WaitingCalls } from './waiting-calls'
import { whatIsKnown } from './what-is-known'

export interface RemotesOptions {
  readonly registry: Registry
  readonly transport: Transport
  /** The id of this node. */
  readonly nodeId: string
  readonly runLocally: RunLocally
  readonly policy: CallPolicy
  readonly routing: Routing
  readonly health: HealthOptions
}

/** Makes the remotes of a node and does what they are asked: calls and events, here or over the mesh. */
export class Remotes {
  readonly events: RemoteEvents
  /** On whose behalf calls are made. */
  readonly scopes = new CallScopes()
  private readonly registry: Registry
  private readonly context: CallContext
  private readonly local: LocalCallContext
  private readonly proxies = new Map<string, object>()

  constructor ({ registry, transport, runLocally, policy, routing, health, nodeId }: RemotesOptions) {
    this.registry = registry
    this.context = {
      registry,
      transport,
      policy,
      scopes: this.scopes,
      deadlines: new Deadlines(),
      aborts: new AbortListeners(),
      choice: new ReplicaChoice(routing),
      health: new ReplicaHealth(transport, health),
      waiting: new WaitingCalls(registry, policy.maxWaiting)
    }
    this.local = { ...this.context, nodeId, run: runLocally }
    registry.on('node-removed', ({ id }) => {
      this.context.choice.forget(id)
      this.context.health.forget(id)
    })
    this.events = new RemoteEvents(registry, transport)
  }

  /** The remote of a path; always the same one. */
  get (path: string): object {
    let proxy = this.proxies.get(path)
    if (proxy === undefined) {
      proxy = makeProxy(path, this, NO_OPTIONS)
      this.proxies.set(path, proxy)
    }
    return proxy
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
      new Call(this.context, toInvocation(path, method, args), options, { resolve, reject }).start()
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
    if (registry.contract(path) !== undefined || registry.service(path) !== undefined) return
    await new Promise<void>((resolve, reject) => {
      const giveUp = (reason: string): void => {
        clearTimeout(timer)
        waiting.delete(path, arrival)
        reject(unavailable({ path, outcome: 'not-sent' }, reason))
      }
      const wake = (): void => {
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

  /** The node leaves the mesh: what waits for others is given up. */
  close (): void {
    this.context.waiting.close()
    this.context.health.close()
  }
}
