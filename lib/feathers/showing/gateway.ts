import type { Application } from '@feathersjs/feathers'
import { stripSlashes } from '../../contract/path'
import type { NodeLog } from '../../log'
import { messageOf } from '../../printable'
import { Notices } from '../../registry/notices'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import type { Remotes } from '../../remote/remotes'
import {
  findService, followServices, isRemote, servicesOf, type Middlewares, type RemoteServiceHooks
} from '../app/feathers-app'
import { followConfigure } from '../app/follow-app'
import { GatewayRoutes } from '../routes/gateway-routes'
import { Announcements } from './announcements'
import { Entrance, type EntranceOptions } from './entrance'
import { hasChannels } from './placed/awaited-events'
import { KeptServices } from './placed/kept-services'
import { Mixins } from './placed/mixins'
import { PlacedService, type PlacedServiceOptions } from './placed/placed-service'
import { declaredOffer, type ServiceOffer } from './placed/service-offer'
import { Shapes } from './placed/unused-service'
import { SocketMethods } from './socket-methods'
import { UnplacedServices } from './unplaced-services'

/** Which services of other nodes an app shows, and how. */
export interface GatewayOptions extends EntranceOptions {
  readonly remotes: Remotes
  readonly log: NodeLog
  /** The events that this node receives. @default all */
  readonly events?: readonly string[]
  readonly middlewares?: Middlewares
  readonly hooks?: RemoteServiceHooks
  /** Whether nobody had the app before its node, nor its table of services. @default false */
  readonly isNewApp?: boolean
}

/**
 * Puts the services of other nodes on the app, so that hooks and clients of REST and socket.io reach them. Feathers
 * makes each of them when somebody uses it; mixins of the program see all of them at once.
 */
export class Gateway {
  /** The services of other nodes on the app, by path. */
  private readonly placed = new Map<string, PlacedService>()
  /** Those that get there as soon as somebody looks. */
  private readonly unplaced: UnplacedServices
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
  private readonly mixins: Mixins
  private readonly announcements: Announcements
  private readonly shared: PlacedServiceOptions

  constructor (private readonly app: Application, private readonly options: GatewayOptions) {
    const { registry, remotes, declared, middlewares, hooks, events, log } = options
    this.notices = new Notices(declared, log)
    this.sockets = new SocketMethods(app)
    this.routes = new GatewayRoutes(app, {
      log,
      services: () => this.placed.values(),
      declared,
      beforeLookup: () => this.unplaced.placeAll(),
      prepare: path => this.prepare(path)
    })
    this.entrance = new Entrance(options, () => this.routes.ignoresCase, this.notices)
    this.mixins = new Mixins(app)
    this.shared = {
      app, remotes, declared, middlewares, hooks, events,
      shapes: new Shapes(),
      register: (path, work) => this.routes.place(path, work),
      onAdded: placed => this.kept.onAdded(placed),
      onFailed: (placed, error) => { if (this.placed.get(placed.path) === placed) this.giveUp(placed.path, error) }
    }
    this.unplaced = new UnplacedServices(app, entry => this.register(entry), options.isNewApp)
    this.announcements = new Announcements(app, () => this.unplaced.placeAll())
    registry.on('service', entry => this.found(entry))
    registry.on('service-changed', entry => this.update(entry))
    registry.on('service-removed', entry => this.unregister(entry))
    this.followUse()
    // A transport may be configured after services of other nodes were placed.
    followConfigure(app, () => this.onConfigured())
    for (const path of declared) this.restore(path)
  }

  /** The app is about to give up a service. Returns what to do when it has. */
  onUnuse (location: string): () => void {
    this.unplaced.placeAll()
    const path = stripSlashes(location)
    // A remote service returns where the app gives up its own. One that it gives up stays away until it is found again.
    const after = this.isOwn(path) ? () => this.restore(path) : () => this.stepAside(path)
    return () => {
      after()
      this.retry()
    }
  }

  private onConfigured (): void {
    this.unplaced.placeAll()
    for (const [path, placed] of this.placed) {
      this.applyMixins(path)
      // There may be channels now.
      placed.connect()
      if (this.mixins.seeEachService) this.prepare(path)
    }
    this.retry()
  }

  /** Makes the service on a path, if it has not been yet. Returns whether the app has it. */
  private prepare (path: string): boolean {
    try {
      this.placed.get(path)?.use()
    } catch {
      // The gateway has given it up and told why.
    }
    this.applyMixins(path)
    return this.placed.has(path)
  }

  /** A service of other nodes was found: it is put on the app now, unless nobody can tell. */
  private found (entry: RemoteServiceEntry): void {
    if (this.canWait(entry.path) && this.unplaced.add(entry)) return
    this.unplaced.placeAll()
    this.register(entry)
  }

  /** Whether nobody follows which services there are or has had the one on a path, and no hooks can be wrong for it. */
  private canWait (path: string): boolean {
    const { app, placed, kept, failed, options: { declared, hooks } } = this
    if (placed.has(path) || kept.has(path) || failed.has(path) || declared.has(path)) return false
    return hooks === undefined && !this.mixins.seeEachService && !hasChannels(app) && !this.announcements.haveListeners
  }

  private register (entry: RemoteServiceEntry): void {
    const { path } = entry
    try {
      // A service of this node takes precedence over those of other nodes.
      if (this.isOwn(path) || (!this.placed.has(path) && !this.entrance.admits(entry))) return
      const placed = this.placed.get(path)
      if (placed === undefined) this.put(entry)
      else {
        placed.grow(entry)
        this.entrance.enter(path)
      }
      this.sockets.offer(entry.methods)
      this.failed.delete(path)
    } catch (error) {
      return this.giveUp(path, error)
    }
    this.announcements.tell('service', entry, this.placed.get(path))
  }

  /** Takes away what is there of a service that could not be put on the app. */
  private giveUp (path: string, error: unknown): void {
    this.failed.add(path)
    // Somebody may have it, and it is the one that returns.
    this.stepAside(path)
    if (!this.hasOwn(path)) delete servicesOf(this.app)[path]
    this.notices.tell('failed', path, `the service '${path}' of other nodes can't be on this app: ${messageOf(error)}`)
  }

  /** Tries again to put services on the app for which something was in the way. */
  private retry (): void {
    for (const path of [...this.failed]) this.restore(path)
  }

  /** Adds what a replica offers beyond the others. */
  private update (entry: RemoteServiceEntry): void {
    if (this.unplaced.has(entry.path)) return
    const placed = this.placed.get(entry.path)
    if (placed === undefined) {
      if (this.failed.has(entry.path)) this.register(entry)
      return
    }
    try {
      const hasGrown = placed.grow(entry)
      this.sockets.offer(entry.methods)
      if (!hasGrown) return
    } catch (error) {
      return this.giveUp(entry.path, error)
    }
    this.announcements.tell('service', entry, placed)
  }

  private unregister (entry: RemoteServiceEntry): void {
    const { path } = entry
    if (this.unplaced.delete(path)) return
    this.failed.delete(path)
    this.entrance.endWaiting(path)
    // The app has given the service up, or has one of its own.
    if (!this.placed.has(path)) return
    if (this.options.declared.has(path)) this.entrance.enter(path)
    else this.removeFromApp(path)
    this.announcements.tell('service-removed', entry)
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
    followServices(this.app, (_service, location) => {
      if (this.routes.isPlacing(location)) return
      this.unplaced.placeAll()
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
    if (placed?.missesMixins === true) this.routes.place(path, () => placed.applyMixins())
  }

  private put (offer: ServiceOffer): void {
    const { path } = offer
    // From now on the app can call other nodes.
    this.options.remotes.scopes.track()
    const returned = this.kept.take(path)
    const placed = returned ?? new PlacedService(offer, this.shared)
    servicesOf(this.app)[path] = placed.service
    try {
      if (this.mixins.seeEachService) placed.use()
    } catch (error) {
      delete servicesOf(this.app)[path]
      this.kept.keep(placed)
      throw error
    }
    this.show(placed)
    // It has what was offered before it left.
    returned?.grow(offer)
  }

  private show (placed: PlacedService): void {
    const { path } = placed
    this.placed.set(path, placed)
    this.entrance.enter(path)
    this.routes.reset()
    this.applyMixins(path)
    placed.connect()
    this.routes.warnIfHidden(path)
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
    this.takeOff(path)
    this.kept.keep(placed)
  }

  private takeOff (path: string): void {
    this.placed.delete(path)
    this.entrance.leave(path)
    this.routes.reset()
  }
}
