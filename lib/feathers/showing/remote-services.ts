import type { Application, HookOptions, Service, ServiceOptions } from '@feathersjs/feathers'
import { describe, shortUuid } from '../../contract/descriptor'
import { stripSlashes } from '../../contract/path'
import type { Registry } from '../../registry/registry'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import type { Remotes } from '../../remote/remotes'
import { findService, useService, type Middlewares, type RemoteServiceHooks } from '../feathers-app'
import { GatewayRoutes } from '../routes/gateway-routes'
import { growService } from './grow-service'
import { KeptServices } from './kept-services'
import { declaredOffer, type Offered } from './offered'
import { PlacedService } from './placed-service'
import { RemoteFeathersService, tellContexts } from './remote-feathers-service'
import { handleOnConnectedSockets } from './socket-methods'

export interface RemoteServicesOptions {
  readonly registry: Registry
  readonly remotes: Remotes
  /** Paths that are on the app whether somebody hosts them or not: calls wait for the next host. */
  readonly declared: ReadonlySet<string>
  /** The events that this node takes. @default all */
  readonly events?: readonly string[]
  readonly middlewares?: Middlewares
  readonly hooks?: RemoteServiceHooks
}

/** Keeps the services of other nodes on the app, so that hooks, REST and socket.io clients reach them. */
export class RemoteServices {
  /** Those that are on the app, by path. */
  private readonly placed = new Map<string, PlacedService>()
  /** Those that were. */
  private readonly kept = new KeptServices()
  private readonly routes: GatewayRoutes
  /** Paths on which the app has got services of its own. */
  private readonly taken = new Set<string>()

  constructor (private readonly app: Application, private readonly options: RemoteServicesOptions) {
    const { registry, declared } = options
    this.routes = new GatewayRoutes(app, {
      services: () => this.placed.values(),
      declared,
      onFound: path => this.catchUp(path)
    })
    registry.on('service', entry => this.register(entry))
    registry.on('service-changed', entry => this.update(entry))
    registry.on('service-removed', entry => this.unregister(entry))
    this.followUse()
    this.followUnuse()
    this.followConfigure()
    for (const path of declared) this.restore(path)
  }

  private register (entry: RemoteServiceEntry): void {
    const { path } = entry
    // A service of this node goes before those of others.
    if (this.isOwn(path)) return
    const placed = this.placed.get(path) ?? this.put(entry)
    this.grow(placed, entry)
    this.announce('service', entry)
  }

  /** A replica may offer more than the others did. */
  private update (entry: RemoteServiceEntry): void {
    const placed = this.placed.get(entry.path)
    if (placed !== undefined && this.grow(placed, entry)) this.announce('service', entry)
  }

  private unregister (entry: RemoteServiceEntry): void {
    const { path } = entry
    // The app has given it up, or has one of its own.
    if (!this.placed.has(path)) return
    if (!this.options.declared.has(path)) this.take(path)
    this.announce('service-removed', entry)
  }

  /** Puts a service on the app whose path nobody else has. */
  private restore (path: string): void {
    const { registry, declared, remotes } = this.options
    const entry = registry.service(path)
    if (entry !== undefined) this.register(entry)
    else if (declared.has(path) && !this.isOwn(path)) this.put(declaredOffer(path, remotes.contractOf(path)))
  }

  private isOwn (path: string): boolean {
    const present = findService(this.app, path)
    return present !== undefined && present !== this.placed.get(path)?.service
  }

  /** Where the app gets a service of its own, that of other nodes steps aside. */
  private followUse (): void {
    this.app.mixins.push((_service, location) => {
      if (this.routes.isPlacing(location)) return
      if (this.taken.size === 0) queueMicrotask(() => this.settle())
      const path = stripSlashes(location)
      this.taken.add(path)
      this.stepAside(path)
    })
  }

  /** The app has registered its services by now. */
  private settle (): void {
    for (const path of this.taken) {
      // It may have failed to.
      if (findService(this.app, path) === undefined) continue
      const placed = this.kept.take(path)
      if (placed?.isOnApp === true) this.show(placed)
      else if (placed !== undefined) this.kept.keep(placed)
    }
    this.taken.clear()
    for (const path of this.placed.keys()) this.routes.tellIfHidden(path)
  }

  /** Where the app gives up a service of its own, that of other nodes has waited to take its place. */
  private followUnuse (): void {
    const { app } = this
    const { unuse } = app
    const restore = (path: string): void => this.restore(path)
    const isOwn = (path: string): boolean => this.isOwn(path)
    const stepAside = (path: string): void => this.stepAside(path)
    app.unuse = async function (this: Application, location: string) {
      const path = stripSlashes(location)
      const wasOwn = isOwn(path)
      const unused = await unuse.call(this, location)
      // What the app gives up of other nodes stays away until it is found anew.
      if (wasOwn) restore(path)
      else stepAside(path)
      return unused
    } as typeof app.unuse
  }

  /** Transports may be configured after services of other nodes came. */
  private followConfigure (): void {
    const { app } = this
    const { configure } = app
    const catchUp = (): void => { for (const path of this.placed.keys()) this.catchUp(path) }
    app.configure = function (this: typeof app, callback) {
      configure.call(this, callback)
      catchUp()
      return this
    } as typeof app.configure
  }

  private catchUp (path: string): void {
    const placed = this.placed.get(path)
    if (placed !== undefined) this.routes.place(path, () => placed.catchUp())
  }

  private put (offered: Offered): PlacedService {
    const { path } = offered
    const placed = this.kept.take(path) ?? this.make(offered)
    const services = this.app.services as Record<string, unknown>
    services[path] = placed.service
    this.show(placed)
    return placed
  }

  private make (offered: Offered): PlacedService {
    const { app, options: { remotes, declared, hooks } } = this
    const { path } = offered
    this.routes.place(path, () => {
      useService(app, path, new RemoteFeathersService(offered, remotes), this.serviceOptions(offered))
    })
    const service = app.service(path)
    tellContexts(service, path, offered.methods, remotes)
    const placed = new PlacedService(path, service, {
      app, remoteEvents: remotes.events, declared, onPutOn: each => this.kept.changed(each)
    })
    // Feathers' own type has no names but those of the standard methods.
    if (hooks !== undefined) placed.byItself(() => service.hooks(hooks as HookOptions<Application, Service>))
    return placed
  }

  private show (placed: PlacedService): void {
    const { path } = placed
    this.placed.set(path, placed)
    this.routes.changed()
    this.catchUp(path)
    placed.connect()
    this.routes.tellIfHidden(path)
  }

  private grow (placed: PlacedService, entry: RemoteServiceEntry): boolean {
    const { app, options: { remotes } } = this
    let hasGrown = false
    placed.byItself(() => {
      hasGrown = growService(placed.service, entry, { app, remotes, events: this.eventsOf(entry) })
    })
    handleOnConnectedSockets(app, entry.methods)
    placed.listen()
    return hasGrown
  }

  private take (path: string): void {
    this.stepAside(path)
    delete (this.app.services as Record<string, unknown>)[path]
  }

  /** Keeps a service for its return. */
  private stepAside (path: string): void {
    const placed = this.placed.get(path)
    if (placed === undefined) return
    placed.disconnect()
    this.placed.delete(path)
    this.kept.keep(placed)
    this.routes.changed()
  }

  private serviceOptions (offered: Offered): ServiceOptions {
    const { before = [], after = [] } = this.options.middlewares ?? {}
    // A list for each adapter and service: each adds to what it gets.
    const middlewares = (): object => ({ before: [before].flat(), after: [after].flat() })
    const events = this.eventsOf(offered)
    return {
      methods: [...offered.methods],
      // All of them, so that Feathers emits none after a call: they come from the host.
      // As Feathers adds the standard ones to this list, what channels publish is said apart, each once.
      events,
      serviceEvents: events,
      // The adapters look these up; neither adds them to this type.
      ...{ express: middlewares(), koa: middlewares() } as object
    }
  }

  private eventsOf (offered: Offered): string[] {
    return offered.events.filter(event => this.options.events?.includes(event) ?? true)
  }

  private announce (event: 'service' | 'service-removed', entry: RemoteServiceEntry): void {
    const { path, key, hosts: [host] } = entry
    const uuid = this.options.registry.lastSeen(path)?.node
    const last = { uuid, shortUuid: uuid === undefined ? undefined : shortUuid(uuid), key }
    const descriptor = host === undefined ? last : describe(host.node, host.contract)
    const emit = (): void => { this.app.emit(event, { ...descriptor, path }) }
    const placed = event === 'service' ? this.placed.get(path) : undefined
    try {
      if (placed === undefined) emit()
      else placed.announce(emit)
    } catch (error) {
      // The fault of a listener is its program's, as with any emitter; the peer has nothing to do with it.
      queueMicrotask(() => { throw error })
    }
  }
}
