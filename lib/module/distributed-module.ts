import { feathers, type Application, type NextFunction } from '@feathersjs/feathers'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { injection } from '../decorators/injection'
import type { Class } from '../decorators/metadata'
import { pathOf, type ClassOrPath, type RemoteSource } from '../decorators/remote-injection'
import { ConfigurationError } from '../errors'
import { Mesh, meshOf } from '../feathers/mesh'
import type { MeshHealth } from '../feathers/health/mesh-health'
import type { NodeReport } from '../inspection/node-report'
import type { NodeLog } from '../log'
import type { MetricRegistry } from '../metrics/prom-client'
import { resolveStop, type StopOptions } from '../options/stop-options'
import { SignalStop } from './stop-on-signals'
import type { RemoteService } from '../remote/remote-service'
import { groupsOf, lettersOf, type DeadLetters, type DurableGroupLag } from '../transport/event-store'
import type { Counters } from '../transport/rejections'
import type { Transport } from '../transport/transport'
import { buildServices, defineListening, defineServices } from './build-services'
import type { DistributedModuleOptions } from '../options/module-options'
import { emitWarnings } from '../options/resolution'
import { classOrPath } from '../options/remote-paths'
import { resolveModule, type ResolvedModule } from '../options/resolve-module'
import { classFaults, instanceFaults } from './class-options'
import { hasPlace, placeFaults, takePlace } from './container-place'
import { unkeptFaults } from './durable-events'
import { hostClass } from './host-class'
import { explained } from './injection-faults'
import { listenClass } from './listen-class'
import {
  callableServices, reachedNodes, unreachableNodes, type NodeInfo, type ServiceInfo, type UnreachableNode
} from './mesh-info'

export type { NodeInfo, ServiceInfo, UnreachableNode } from './mesh-info'

/** One Feathers app on the mesh: hosts decorated classes, and gives remotes of those of other nodes. */
export class DistributedModule {
  /** The app of this node. */
  readonly app: Application
  /** What builds the services of this node. */
  readonly container: DependencyContainer
  /** The set-up of its own app, under way or done. */
  private settingUp: Promise<unknown> | undefined
  /** Whether there is something to tear down. */
  private isSetUp = false
  /** Whether it has left the mesh since it was last on it: another node may take its container and its services. */
  private hasStopped = false
  /** What stops it when the process gets a signal. */
  private signals: SignalStop | undefined

  private constructor (
    private readonly mesh: Mesh, container: DependencyContainer,
    private readonly node: { readonly ownsApp: boolean, readonly log: NodeLog, readonly transport: Transport }
  ) {
    this.app = mesh.app
    this.container = container
  }

  /**
   * Puts an app on the mesh. It joins when the app is set up (`app.listen()`) or by `start()`,
   * and leaves when the app is torn down or by `stop()`.
   *
   * @throws {@link ConfigurationError} with all faults of the options and of the classes together
   * @example
   * ```ts
   * const app = express(feathers())
   * DistributedModule.forRoot({ app, services: [TodoService] })
   * await app.listen(3031)
   * ```
   */
  static forRoot (options: DistributedModuleOptions = {}): DistributedModule {
    const resolved = resolve(options)
    const { options: { app, services, listeners, container: given, validation } } = resolved
    const { definitions, faults } = defineServices(classesOf(services), app)
    const { listening, faults: listenerFaults } = defineListening(definitions.keys(), listeners, validation)
    throwIfFaulty([
      ...faults, ...listenerFaults, ...resolved.remotes.faults, ...classFaults(definitions, resolved.options)
    ])
    const container = given ?? injection().container.createChildContainer()
    throwIfFaulty(placeFaults(container))

    emitWarnings(resolved, 'leave out what opens it, or give all nodes the same secret or certificates')
    const settings = resolved.settings()
    const { transport } = settings
    throwIfFaulty(unkeptFaults(transport, definitions.values(), listening))
    const mesh = new Mesh(app ?? feathers(), { ...settings, isNewApp: app === undefined })
    const source: RemoteSource = { remote: path => mesh.remotes.get(path) }
    const built = buildServices(container, definitions, listening, source)
    throwIfFaulty(built.faults)
    // Before the app shows them; their replicas are looked at from the first one on.
    for (const remote of resolved.options.remotes ?? []) remoteOf(mesh, classOrPath(remote))
    for (const { service } of listening.flatMap(each => each.listeners)) {
      if (service !== undefined) remoteOf(mesh, service)
    }
    mesh.attach()
    const module = new DistributedModule(mesh, container, { ownsApp: app === undefined, log: resolved.log, transport })
    const hasStopped = (): boolean => module.hasStopped
    const hosting = { app: mesh.app, log: resolved.log, validation, hasStopped, stores: mesh.services.stores }
    for (const { target, instance, definition } of built.built) hostClass(hosting, target, instance, definition)
    for (const listener of built.listening) listenClass(mesh.remotes, resolved.log, listener)

    const hosted = new Map([...built.built, ...built.listening].map(({ target, instance }) => [target, instance]))
    // Its constructor is private, but as a token the class is as good as any: constructor (mesh: DistributedModule).
    const token = DistributedModule as unknown as InjectionToken<DistributedModule>
    const { container: builder } = built
    takePlace(container, token, { remote: source.remote, module, instances: hosted, hasStopped, builder })
    module.followApp()
    return module
  }

  /**
   * Joins the mesh and waits until the services named in `remotes` can be called.
   *
   * @throws Unavailable when one of them isn't there within `timeout`; {@link ConfigurationError} when a port is taken
   */
  async start (): Promise<void> {
    this.resume()
    if (!this.node.ownsApp) return await this.mesh.start()
    // Who tore down the app took the node off the mesh.
    if (!this.mesh.isWanted) this.settingUp = undefined
    this.isSetUp = true
    // Only once: Feathers would set up each service again.
    this.settingUp ??= this.app.setup()
    await this.settingUp
    await this.mesh.whenReady()
  }

  /** Says goodbye, lets calls under way finish (up to `drainTimeout`), and leaves the mesh. */
  async stop (): Promise<void> {
    if (this.isSetUp) {
      this.isSetUp = false
      this.settingUp = undefined
      await this.app.teardown()
    } else {
      await this.mesh.stop()
    }
    this.hasStopped = true
  }

  /**
   * Ends the process in order when it gets SIGTERM or SIGINT. `/readyz` answers 503 at once, and other nodes send no
   * new calls, while this node goes on; after `shutdownDelay` (none for SIGINT) the app is torn down, and the process
   * exits with 0. A second signal ends it at once. Call it for one node of a process.
   *
   * @throws {@link ConfigurationError} for wrong options, and when it was called before
   */
  stopOnSignals (options: StopOptions = {}): void {
    const { mesh, app, node: { log } } = this
    const { shutdownDelay, drainTimeout = mesh.drainTimeout } = resolveStop(options)
    if (this.signals !== undefined) throwIfFaulty(['stopOnSignals() was called before; call it once'])
    const goodbye = async (): Promise<void> => await mesh.goodbye(drainTimeout)
    const teardown = async (): Promise<unknown> => await app.teardown()
    this.signals = new SignalStop({ shutdownDelay, drainTimeout, log, goodbye, teardown })
  }

  /** Whether this node can do its work now, as `/readyz` tells it. */
  health (): MeshHealth {
    return this.mesh.probes.health
  }

  /**
   * Builds an object with tsyringe, its remotes and all else that it injects.
   *
   * @throws {@link ConfigurationError} where tsyringe does not know what to inject; errors of constructors as they are
   */
  resolve<T> (token: InjectionToken<T>): T {
    try {
      return this.container.resolve(token)
    } catch (error) {
      throw explained(token, error)
    }
  }

  /**
   * A typed remote of a service; one that this node hosts is called in the process.
   *
   * @param target - the decorated class, or the path: `mesh.remote<TodoService>('todos')`. For the class its results
   *   and payloads are instances of the classes that its decorators name; for the path they are plain objects
   */
  remote<T> (target: Class<T> | string): RemoteService<T> {
    // The proxy has no type of its own: that of the service is known here only.
    return remoteOf(this.mesh, target) as RemoteService<T>
  }

  /** A node that was stopped, and whose container or services another one has taken, can't come back. */
  private resume (): void {
    if (this.hasStopped && !hasPlace(this.container, this)) {
      throwIfFaulty(['this node has stopped, and another one is in its container now; make a new one with forRoot'])
    }
    this.hasStopped = false
  }

  private followApp (): void {
    this.app.hooks({
      setup: [async (_context: unknown, next: NextFunction) => {
        this.resume()
        await next()
      }],
      teardown: [async (_context: unknown, next: NextFunction) => {
        await next()
        this.hasStopped = true
      }]
    })
  }

  /** The nodes of the mesh, this one first. */
  nodes (): NodeInfo[]
  /**
   * The nodes that were heard and are not on the mesh for this node, and why: no connection to them, another
   * environment, no or another secret, a clock that is off. The last ones, of up to a minute ago by default.
   *
   * @example
   * ```ts
   * const reasons = mesh.nodes({ unreachable: true }).map(({ address, reason }) => `${address}: ${reason}`)
   * ```
   */
  nodes (options: { readonly unreachable: true }): UnreachableNode[]
  nodes (options: { readonly unreachable?: boolean } = {}): NodeInfo[] | UnreachableNode[] {
    return options.unreachable === true ? unreachableNodes(this.mesh) : reachedNodes(this.mesh)
  }

  /**
   * What this node measured until now, as other nodes may ask it: calls and errors of each method, how long those of
   * the last minute took, events, refusals, the nodes that it sees and those that it does not.
   */
  inspect (): NodeReport {
    return this.mesh.inspection.report
  }

  /** What this node measured until now, as text for Prometheus: what the route of `metricsPath` answers. */
  metrics (): string {
    return this.mesh.probes.metrics.text
  }

  /**
   * Puts what this node measures into a registry of prom-client, which reads it at each scrape.
   *
   * @throws what the registry throws where it has the metrics of another node already
   * @example
   * ```ts
   * mesh.registerMetrics(register)
   * ```
   */
  registerMetrics (registry: MetricRegistry): void {
    this.mesh.probes.metrics.registerIn(registry)
  }

  /**
   * The durable events that no member of their group could handle: to list them, to look at one, and to give it to its
   * group once more.
   *
   * @throws {@link ConfigurationError} where the transport keeps no events
   */
  get deadLetters (): DeadLetters {
    return lettersOf(this.node.transport.eventStore)
  }

  /** The durable groups of the mesh, and how far behind each is. @throws what `deadLetters` throws */
  async durableGroups (): Promise<readonly DurableGroupLag[]> {
    return await groupsOf(this.node.transport.eventStore)
  }

  /** How often this node refused something since it was made, by reason: connections, packets, calls, events. */
  counters (): Counters {
    return this.mesh.rejections.counters
  }

  /** The services that can be called from here, by their paths on this node. */
  services (): ServiceInfo[] {
    return callableServices(this.mesh)
  }
}

/** @throws {@link ConfigurationError} with all that is wrong with options, but for what only classes tell */
function resolve (options: DistributedModuleOptions): ResolvedModule {
  throwIfFaulty(instanceFaults(options))
  const { faults, resolved } = resolveModule(options)
  if (resolved === undefined) throw new ConfigurationError(faults)
  throwIfFaulty(appFaults(resolved.options))
  return resolved
}

function remoteOf ({ remotes }: Mesh, target: ClassOrPath): object {
  const path = pathOf(target)
  return typeof target === 'string' ? remotes.get(path) : remotes.ofClass(path, target)
}

function appFaults ({ app }: ResolvedModule['options']): string[] {
  if (app === undefined || meshOf(app) === undefined) return []
  return ["option 'app' is on the mesh already; one app is one node, so give its services to one forRoot"]
}

function throwIfFaulty (faults: readonly string[]): void {
  if (faults.length > 0) throw new ConfigurationError(faults)
}

function classesOf (services: DistributedModuleOptions['services'] = []): Class[] {
  return typeof services === 'function' ? [] : services.filter(service => typeof service !== 'string')
}
