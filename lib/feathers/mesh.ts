import { randomUUID } from 'node:crypto'
import type { Application, HookOptions, NextFunction, Service } from '@feathersjs/feathers'
import { describe, Registry, type Placement, type ServiceDescriptor } from '../registry/registry'
import { Remotes } from '../remote/remotes'
import type { EventMessage, Transport } from '../transport/transport'
import type { Middlewares } from './feathers-app'
import { HostedServices } from './hosted-services'
import { RemoteServices } from './remote-services'
import { callService, serve } from './serve'

/** Everything that a node needs to know. */
export interface MeshOptions {
  readonly transport: Transport
  /** The partition of this node. */
  readonly key: string
  /** Time for one call in milliseconds. */
  readonly timeout: number
  /** Time in milliseconds that `stop()` gives to what is under way. */
  readonly drainTimeout: number
  /** Services that `start()` waits for. */
  readonly remotes: readonly string[]
  /** Which plain services of the app are offered. */
  readonly isOffered: (service: ServiceDescriptor) => boolean
  /** Where services of other nodes are put on the app. */
  readonly placement: Placement
  readonly middlewares?: Middlewares
  readonly hooks?: HookOptions<Application, Service>
}

const MESH = Symbol.for('feathers-mesh')

/** One node: a Feathers app on the mesh. It owns the transport with its sockets, and starts and stops with the app. */
export class Mesh {
  readonly id = randomUUID()
  readonly key: string
  readonly registry: Registry
  readonly remotes: Remotes
  private readonly hosted: HostedServices
  private announcing = false
  private starting: Promise<void> | undefined
  private stopping: Promise<void> | undefined

  constructor (readonly app: Application, private readonly options: MeshOptions) {
    const { key, timeout, transport } = options
    this.key = key
    this.registry = new Registry(options.placement)
    this.remotes = new Remotes({
      registry: this.registry,
      transport,
      timeout,
      callLocally: async (path, method, args) => await callService(app, path, method, args)
    })
    this.hosted = new HostedServices(app, {
      registry: this.registry,
      key,
      isOffered: contract => options.isOffered(describe({ id: this.id, key, contracts: [] }, contract)),
      onChange: () => this.announce(),
      onEvent: message => this.publish(message)
    })
    // It listens to the registry for as long as there is one.
    const { registry, remotes } = this
    new RemoteServices(app, { ...options, registry, remotes, declared: new Set(options.remotes) })
    Object.defineProperty(app, MESH, { value: this })
    app.hooks({
      setup: [async (_context: unknown, next: NextFunction) => {
        await next()
        await this.start()
      }],
      teardown: [async (_context: unknown, next: NextFunction) => {
        await this.stop()
        await next()
      }]
    })
  }

  /** Joins the mesh, and waits for the services that the options name. */
  async start (): Promise<void> {
    this.starting ??= this.join()
    await this.starting
  }

  /** Leaves the mesh without losing a call. */
  async stop (): Promise<void> {
    if (this.starting === undefined) return
    this.stopping ??= this.leave(this.starting)
    await this.stopping
  }

  private async join (): Promise<void> {
    const { key, options: { transport, remotes } } = this
    await transport.start({
      id: this.id,
      key,
      contracts: () => this.registry.contracts,
      serve: (request, reply) => serve(this.app, this.registry, request, reply),
      receive: message => this.remotes.events.receive(message),
      joined: peer => this.registry.join(peer),
      left: peerId => this.registry.leave(peerId)
    })
    await Promise.all(remotes.map(async path => await this.remotes.whenCallable(path)))
  }

  private async leave (starting: Promise<void>): Promise<void> {
    // A start that failed has an error for its caller; there may still be sockets to close.
    await starting.catch(() => {})
    await this.options.transport.stop(this.options.drainTimeout)
    this.hosted.close()
    for (const { id } of this.registry.nodes) this.registry.leave(id)
  }

  /** Several services are often registered in one go: peers are told once. */
  private announce (): void {
    if (this.announcing) return
    this.announcing = true
    queueMicrotask(() => {
      this.announcing = false
      if (this.starting !== undefined && this.stopping === undefined) this.options.transport.announce()
    })
  }

  private publish (message: EventMessage): void {
    this.remotes.events.emit(message.path, message)
    if (this.starting !== undefined) this.options.transport.publish(message)
  }
}

/** The mesh of an app, where it has one. */
export function meshOf (app: Application): Mesh | undefined {
  return (app as { [MESH]?: Mesh })[MESH]
}
