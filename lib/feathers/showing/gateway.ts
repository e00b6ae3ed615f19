import type { Application, HookOptions, Service, ServiceOptions } from '@feathersjs/feathers'
import { describe, shortUuid } from '../../contract/descriptor'
import { stripSlashes } from '../../contract/path'
import { messageOf } from '../../printable'
import { Notices } from '../../registry/notices'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import type { Remotes } from '../../remote/remotes'
import {
  findService, isRemote, servicesOf, useService, type Middlewares, type RemoteServiceHooks
} from '../app/feathers-app'
import { followConfigure } from '../app/follow-app'
import { GatewayRoutes } from '../routes/gateway-routes'
import { Entrance, type EntranceOptions } from './entrance'
import { ForwardingService, forwardWithContext } from './forwarding-service'
import { growService } from './grow-service'
import { KeptServices } from './kept-services'
import { PlacedService } from './placed-service'
import { declaredOffer, type ServiceOffer } from './service-offer'
import { SocketMethods } from './socket-methods'

/** Which services of other nodes an app shows, and how. */
export interface GatewayOptions extends EntranceOptions {
  readonly remotes: Remotes
  /** The events that this node receives. @default all */
  readonly events?: readonly string[]
  readonly middlewares?: Middlewares
  readonly hooks?: RemoteServiceHooks
}

/** Puts the services of other nodes on the app, so that hooks and clients of REST and socket.io reach them. */
export class Gateway {
  /** The services of other nodes on the app, by path. */
  private readonly placed = new Map<string, PlacedService>()
  /** Those that were on the app and may return. */
  private readonly kept = new KeptServices()
  private readonly routes: GatewayRoutes
  /** Paths on which the app has just registered services of its own. */
  private readonly taken = new Set<string>()
  /** Paths of services of other nodes that could not be put on the app. */
  private readonly failed = new Set<string>()
  private readonly notices: Notices
  private readonly entrance: Entrance
  private readonly sockets: SocketMethods

  constructor (private readonly app: Application, private readonly options: GatewayOptions) {
    const { registry, declared } = options
    this.notices = new Notices(declared)
    this.sockets = new SocketMethods(app)
    this.routes = new GatewayRoutes(app, {
      services: () => this.placed.values(),
      declared,
      onFound: path => this.applyMixins(path)
    })
    const ignoresCase = (): boolean => this.routes.ignoresCase
    this.entrance = new Entrance(options, { placed: this.placed, ignoresCase }, this.notices)
    registry.on('service', entry => this.register(entry))
    registry.on('service-changed', entry => this.update(entry))
    registry.on('service-removed', entry => this.unregister(entry))
    this.followUse()
    // A transport may be configured after services of other nodes were placed.
    followConfigure(app, () => {
      for (const path of this.placed.keys()) this.applyMixins(path)
      this.retry()
    })
    for (const path of declared) this.restore(path)
  }

  /** The app is about to give up a service. Returns what to do when it has. */
  onUnuse (location: string): () => void {
    const path = stripSlashes(location)
    // The remote service returns where the app gives up its own. A remote one that the app gives up stays away until a
    // node is found that hosts it.
    const after = this.isOwn(path) ? () => this.restore(path) : () => this.stepAside(path)
    return () => {
      after()
      this.retry()
    }
  }

  private register (entry: RemoteServiceEntry): void {
    const { path } = entry
    // A service of this node takes precedence over those of other nodes.
    if (this.isOwn(path) || (!this.placed.has(path) && !this.entrance.admits(entry))) return
    try {
      const placed = this.placed.get(path) ?? this.put(entry)
      this.grow(placed, entry)
      this.failed.delete(path)
    } catch (error) {
      return this.giveUp(path, error)
    }
    this.announce('service', entry)
  }

  /** Takes away what is there of a service that could not be put on the app. */
  private giveUp (path: string, error: unknown): void {
    this.failed.add(path)
    const placed = this.placed.get(path)
    placed?.disconnect()
    this.placed.delete(path)
    if (!this.hasOwn(path)) delete servicesOf(this.app)[path]
    this.routes.reset()
    this.notices.tell('failed', path, `the service '${path}' of other nodes can't be on this app: ${messageOf(error)}`)
  }

  /** Tries again to put services on the app for which something was in the way. */
  private retry (): void {
    for (const path of [...this.failed]) this.restore(path)
  }

  /** Adds what a replica offers beyond the others. */
  private update (entry: RemoteServiceEntry): void {
    const placed = this.placed.get(entry.path)
    if (placed === undefined) {
      if (this.failed.has(entry.path)) this.register(entry)
      return
    }
    try {
      if (!this.grow(placed, entry)) return
    } catch (error) {
      return this.giveUp(entry.path, error)
    }
    this.announce('service', entry)
  }

  private unregister (entry: RemoteServiceEntry): void {
    const { path } = entry
    this.failed.delete(path)
    this.entrance.left(path)
    // The app has given the service up, or has one of its own.
    if (!this.placed.has(path)) return
    if (!this.options.declared.has(path)) this.removeFromApp(path)
    this.announce('service-removed', entry)
    for (const each of this.entrance.freed(path)) this.restore(each)
  }

  /** Puts a remote service on a free path of the app. */
  private restore (path: string): void {
    const { registry, declared, remotes } = this.options
    const entry = registry.service(path)
    if (entry !== undefined) this.register(entry)
    else if (declared.has(path) && !this.isOwn(path)) this.put(declaredOffer(path, remotes.contractOf(path)))
  }

  /** Whether the app itself has a service on a path. */
  private isOwn (path: string): boolean {
    const present = findService(this.app, path)
    return present !== undefined && present !== this.placed.get(path)?.service
  }

  /** Whether the service on a path was put there by the program, whatever is known of it here. */
  private hasOwn (path: string): boolean {
    const present = findService(this.app, path)
    return present !== undefined && !isRemote(present)
  }

  /** Where the app gets a service of its own, the remote service steps aside. */
  private followUse (): void {
    this.app.mixins.push((_service, location) => {
      if (this.routes.isPlacing(location)) return
      if (this.taken.size === 0) queueMicrotask(() => this.settle())
      const path = stripSlashes(location)
      this.taken.add(path)
      this.stepAside(path)
    })
  }

  /** Runs when the app has registered its services: those of other nodes return where registering failed. */
  private settle (): void {
    for (const path of this.taken) {
      // Registering may have failed without leaving a service on the path.
      if (findService(this.app, path) === undefined) continue
      const placed = this.kept.take(path)
      if (placed?.isOnApp === true) this.show(placed)
      else if (placed !== undefined) this.kept.keep(placed)
    }
    this.taken.clear()
    for (const path of this.placed.keys()) this.routes.warnIfHidden(path)
  }

  private applyMixins (path: string): void {
    const placed = this.placed.get(path)
    if (placed !== undefined) this.routes.place(path, () => placed.applyMixins())
  }

  private put (offer: ServiceOffer): PlacedService {
    const { path } = offer
    // From now on the app can call other nodes.
    this.options.remotes.scopes.track()
    const placed = this.kept.take(path) ?? this.make(offer)
    servicesOf(this.app)[path] = placed.service
    this.show(placed)
    return placed
  }

  private make (offer: ServiceOffer): PlacedService {
    const { app, options: { remotes, declared, hooks } } = this
    const { path } = offer
    this.routes.place(path, () => {
      useService(app, path, new ForwardingService(offer, remotes), this.serviceOptions(offer))
    })
    const service = app.service(path)
    forwardWithContext(service, path, offer.methods, remotes)
    const placed = new PlacedService(path, service, {
      app, remoteEvents: remotes.events, declared, onAdded: each => this.kept.onAdded(each)
    })
    // Feathers' own type has only the names of the standard methods.
    if (hooks !== undefined) placed.internally(() => service.hooks(hooks as HookOptions<Application, Service>))
    return placed
  }

  private show (placed: PlacedService): void {
    const { path } = placed
    this.placed.set(path, placed)
    this.routes.reset()
    this.applyMixins(path)
    placed.connect()
    this.routes.warnIfHidden(path)
  }

  private grow (placed: PlacedService, entry: RemoteServiceEntry): boolean {
    const { app, options: { remotes } } = this
    let hasGrown = false
    placed.internally(() => {
      hasGrown = growService(placed, entry, { app, remotes, events: this.eventsOf(entry) })
    })
    this.sockets.offer(entry.methods)
    placed.updateRelay()
    return hasGrown
  }

  private removeFromApp (path: string): void {
    this.stepAside(path, placed => placed.disconnectLater())
    delete servicesOf(this.app)[path]
  }

  /** Keeps a service until it returns. */
  private stepAside (path: string, disconnect = (each: PlacedService): void => each.disconnect()): void {
    const placed = this.placed.get(path)
    if (placed === undefined) return
    disconnect(placed)
    this.placed.delete(path)
    this.kept.keep(placed)
    this.routes.reset()
  }

  private serviceOptions (offer: ServiceOffer): ServiceOptions {
    const { before = [], after = [] } = this.options.middlewares ?? {}
    // Adapters append to their lists, so each adapter and each service gets lists of its own.
    const middlewares = (): object => ({ before: [before].flat(), after: [after].flat() })
    const events = this.eventsOf(offer)
    // The adapters look these up, and don't add them to the type of the options.
    const ofAdapters: object = { express: middlewares(), koa: middlewares() }
    return {
      methods: [...offer.methods],
      // With all events in this list Feathers emits none after a call: they come from the host.
      // Feathers would add the standard events to it, so the events for channels have a list of their own.
      events,
      serviceEvents: events,
      ...ofAdapters
    }
  }

  private eventsOf (offer: ServiceOffer): string[] {
    return offer.events.filter(event => this.options.events?.includes(event) ?? true)
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
      // A listener that throws is a fault of the program, as with any emitter. The peer must not suffer from it.
      queueMicrotask(() => { throw error })
    }
  }
}
