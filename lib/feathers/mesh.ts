import { randomUUID } from 'node:crypto'
import type { Application, NextFunction } from '@feathersjs/feathers'
import type { Contract } from '../contract/contract'
import { describe, type ServiceDescriptor } from '../contract/descriptor'
import { Registry } from '../registry/registry'
import { Remotes } from '../remote/remotes'
import { Refusals } from '../transport/refusals'
import type { EventMessage, Transport } from '../transport/transport'
import { defineAppViews } from './app-views'
import { EventAudience } from './event-audience'
import { isHealthcheck, useHealthcheck } from './healthcheck'
import { HostedServices } from './hosted-services'
import { LocalServices } from './local-services'
import type { MeshOptions } from './mesh-options'
import { RemoteServices } from './remote-services'
import { RequestServer } from './serve'

const MESH = Symbol.for('feathers-mesh')

/** One node: a Feathers app on the mesh. It owns the transport with its sockets, and starts and stops with the app. */
export class Mesh {
  readonly id = randomUUID()
  readonly key: string
  readonly registry: Registry
  readonly remotes: Remotes
  readonly refusals = new Refusals()
  private readonly services: LocalServices
  private announcing = false
  /** Whether `publicationDelay` is over. */
  private published = false
  private publication: NodeJS.Timeout | undefined
  private delayedStart: NodeJS.Timeout | undefined
  private heartbeat: NodeJS.Timeout | undefined
  private settingUp = false
  private joining: Promise<void> | undefined
  private leaving: Promise<void> | undefined

  constructor (readonly app: Application, private readonly options: MeshOptions) {
    const { key, transport, placement, policy, routing, health, classes, headers } = options
    this.key = key
    this.services = new LocalServices(app)
    this.registry = new Registry(placement)
    this.remotes = new Remotes({
      registry: this.registry,
      transport,
      policy,
      routing,
      health,
      classes,
      headers,
      nodeId: this.id,
      runLocally: (path, method, args) => this.services.call(path, method, [...args])
    })
  }

  /** Puts the mesh on the app: from now on each knows of the other. */
  attach (): void {
    this.offerServices()
    this.showMesh()
    this.followApp()
  }

  /**
   * Joins the mesh, and waits for the services that the options name.
   *
   * @throws Unavailable when one of them can't be called in time; the node is on the mesh all the same
   */
  async start (): Promise<void> {
    // feathers-distributed leaves at once, so its users need not wait before they join again.
    if (this.leaving !== undefined) await this.leaving
    this.joining ??= this.join()
    await this.joining
    await Promise.all(this.options.remotes.map(async path => await this.remotes.whenCallable(path)))
  }

  /** Joins later, unless the node is stopped before. */
  startAfter (delay: number): void {
    this.delayedStart = setTimeout(() => { void this.start() }, delay)
  }

  /** Leaves the mesh without losing a call. */
  async stop (): Promise<void> {
    clearTimeout(this.delayedStart)
    this.settingUp = false
    if (this.joining === undefined) return
    this.leaving ??= this.leave(this.joining)
    await this.leaving
  }

  /** What the app has goes to the mesh. */
  private offerServices (): void {
    const { app, id, key, registry, options: { limits, healthcheckPath, isOffered, sharedOptions } } = this
    const describeOwn = (contract: Contract): ServiceDescriptor => describe({ id, key }, contract)
    new HostedServices(app, {
      registry,
      key,
      limits,
      isOffered: contract => !isHealthcheck(contract.path, healthcheckPath) && isOffered(describeOwn(contract)),
      sharedOptions: contract => sharedOptions(describeOwn(contract)),
      onChange: () => this.announce(),
      onEvent: message => this.publish(message)
    })
  }

  /** What the mesh has goes to the app. */
  private showMesh (): void {
    const { app, id, key, registry, remotes, options } = this
    const { hooks, middlewares, limits, transport, healthcheckPath, publishEvents } = options
    const declared = new Set(options.remotes)
    new RemoteServices(app, { registry, remotes, declared, events: limits.events, hooks, middlewares })
    useHealthcheck(app, { path: healthcheckPath, key, registry, remotes })
    defineAppViews(app, {
      id,
      key,
      distributionOptions: options.given,
      registry,
      remotes,
      publish: publishEvents ? message => transport.publish(message) : undefined,
      isRunning: () => this.joining !== undefined
    })
    for (const taken of [app, transport]) Reflect.defineProperty(taken, MESH, { value: this })
  }

  private followApp (): void {
    this.app.hooks({
      setup: [async (_context: unknown, next: NextFunction) => {
        this.settingUp = true
        await next()
        // Who stopped the node meanwhile wants no start any more.
        if (!this.settingUp) return
        this.settingUp = false
        if (this.options.startsWithApp || this.joining !== undefined) await this.start()
      }],
      teardown: [async (_context: unknown, next: NextFunction) => {
        await this.stop()
        await next()
      }]
    })
  }

  private async join (): Promise<void> {
    const { id, key, services, registry, options } = this
    const { transport, publicationDelay, heartbeatInterval, maxInFlight } = options
    const { remotes: { scopes }, refusals: { refuse } } = this
    const server = new RequestServer({ services, registry, scopes, maxInFlight, refuse })
    const audience = new EventAudience(registry, refuse)
    this.published = publicationDelay === 0
    this.remotes.open()
    try {
      await transport.start({
        id,
        key,
        errorClasses: this.options.errorClasses,
        contracts: () => this.published ? registry.contracts : [],
        serve: call => server.serve(call),
        receive: message => this.remotes.events.receive(message),
        joined: peer => registry.join(peer),
        left: peerId => registry.leave(peerId),
        audience: (path, event) => audience.of(path, event),
        listened: (peer, path) => audience.listened(peer, path),
        refuse
      })
    } catch (error) {
      // The next start is a new try: what was in the way may be gone by then.
      this.joining = undefined
      throw error
    }
    if (!this.published) this.publication = setTimeout(() => this.publishServices(), publicationDelay)
    if (heartbeatInterval > 0) this.heartbeat = setInterval(() => transport.announce(), heartbeatInterval)
  }

  private async leave (joining: Promise<void>): Promise<void> {
    clearTimeout(this.publication)
    clearInterval(this.heartbeat)
    // A start that failed has an error for its own caller.
    await joining.catch(() => {})
    this.remotes.close()
    try {
      await this.options.transport.stop(this.options.drainTimeout)
      for (const { id } of this.registry.nodes) this.registry.leave(id)
    } finally {
      // Whatever a listener of the app threw: the node has left, and may join again.
      this.joining = undefined
      this.leaving = undefined
    }
  }

  private publishServices (): void {
    this.published = true
    this.announce()
  }

  /** Several services are often registered in one go: peers are told once. */
  private announce (): void {
    if (this.announcing) return
    this.announcing = true
    queueMicrotask(() => {
      this.announcing = false
      if (this.joining !== undefined && this.leaving === undefined) this.options.transport.announce()
    })
  }

  private publish (message: EventMessage): void {
    this.remotes.events.emit(message.path, message)
    if (!this.options.publishEvents || this.joining === undefined) return
    try {
      this.options.transport.publish(message)
    } catch (error) {
      // The call that the event belongs to has run, and its caller gets the result all the same.
      const { path, event } = message
      process.emitWarning(`the event '${event}' of '${path}' can't be sent to other nodes: ${(error as Error).message}`)
    }
  }
}

/** The mesh of an app, or of a transport, where it has one. */
export function meshOf (owner: Application | Transport): Mesh | undefined {
  return (owner as { [MESH]?: Mesh })[MESH]
}
