import {
  getServiceOptions, SERVICE, type Application, type FeathersService, type HookOptions, type Service,
  type ServiceOptions
} from '@feathersjs/feathers'
import type { Remotes } from '../../../remote/remotes'
import { ofApp, servicesOf, type Middlewares, type RemoteServiceHooks } from '../../app/feathers-app'
import { Additions } from './additions'
import { AwaitedEvents, hasChannels } from './awaited-events'
import { EventRelay } from './event-relay'
import { ForwardingService, forwardWithContext } from './forwarding-service'
import { growService, namesKept, publisherOf, replaceItems, type Growing } from './grow-service'
import { hooksFault } from './hooks-fault'
import { Making } from './making'
import { copyOf, optionsOf, type ServiceOffer } from './service-offer'
import { permitted, type Maker, type Shape, type Shapes } from './unused-service'

/** What all placed services of one app share. */
export interface PlacedServiceOptions {
  readonly app: Application
  readonly remotes: Remotes
  /** The paths that the program declared. */
  readonly declared: ReadonlySet<string>
  readonly middlewares?: Middlewares | undefined
  readonly hooks?: RemoteServiceHooks | undefined
  /** The events that this node receives. @default all */
  readonly events?: readonly string[] | undefined
  readonly shapes: Shapes
  /** Runs the registration of a service on a path, whose routes are not the app's own. */
  readonly register: (path: string, work: () => void) => void
  /** Called when the program has added something to a service. */
  readonly onAdded: (placed: PlacedService) => void
  /** Called when a service could not be made. */
  readonly onFailed: (placed: PlacedService, error: unknown) => void
}

/** The value of a declared service: more than that of any addition. */
const DECLARED_WORTH = 3

/**
 * A remote service that is, or was, on the app: one object, with everything that was added to it. Feathers makes it
 * when it is used first.
 */
export class PlacedService implements Maker, Growing {
  readonly service: FeathersService
  /** What its hosts offer, of events those that this node receives. */
  offer: ServiceOffer
  /** What Feathers made, from the first use: the service, or what stands in for it. */
  made: FeathersService
  /** The methods and events that it has, those that no host offers any more included. */
  private shape: Shape
  /** What the program added, from the first use. */
  private additions: Additions | undefined
  private options: ServiceOptions | undefined
  /** Until the first use, where clients may get events. */
  private awaited: AwaitedEvents | undefined
  private publishers: Growing['publishing'] | undefined
  private relay: EventRelay | undefined
  private isUsed = false
  private isConnected = false
  private isBeingAnnounced = false
  /** How many of the app's mixins have seen it. */
  private seenMixins = 0

  /** @throws Error where Feathers takes no such service, or not the hooks for it */
  constructor (offer: ServiceOffer, private readonly shared: PlacedServiceOptions) {
    this.shape = this.shapeOf(offer.methods, offer.events)
    const { shape: { fault, methods } } = this
    const ofHooks = fault ?? hooksFault(shared.hooks, methods)
    if (ofHooks !== undefined) throw new Error(ofHooks)
    this.offer = copyOf(offer, this.shape)
    this.service = this.shape.create(this)
    this.made = this.service
  }

  get path (): string {
    return this.offer.path
  }

  /** How much would be lost with it; 0 for nothing. */
  get worth (): number {
    return this.shared.declared.has(this.path) ? DECLARED_WORTH : this.additions?.worth ?? 0
  }

  /** How many methods and events it has, those that no host offers any more included. */
  get members (): number {
    if (!this.isUsed) return this.shape.methods.length + this.shape.events.length
    const { serviceEvents = [] } = this.serviceOptions
    return Object.getOwnPropertyNames(Object.getPrototypeOf(this.made)).length + serviceEvents.length
  }

  /** Whether the app has it now. */
  get isOnApp (): boolean {
    return servicesOf(this.shared.app)[this.path] === this.service
  }

  /** The listeners that send events of the service to channels, beyond those that Feathers added. */
  get publishing (): Growing['publishing'] {
    return this.publishers ??= new Map()
  }

  /** The options that Feathers keeps of it. */
  get serviceOptions (): ServiceOptions {
    const { offer: { methods }, shape: { events }, shared: { middlewares } } = this
    return this.options ??= optionsOf({ methods, events }, middlewares)
  }

  /**
   * Makes Feathers make the service, if it has not yet.
   *
   * @throws Error when something that the app does with each service fails
   */
  use (): object {
    if (this.isUsed) return this.made
    this.isUsed = true
    const making = new Making(this.service, this.shape, this)
    this.made = making.made
    try {
      this.make(making)
    } catch (error) {
      making.undo()
      this.reset()
      this.shared.onFailed(this, error)
      throw error
    }
    this.shared.remotes.need(this.path)
    this.listen()
    if (this.isBeingAnnounced) this.additions?.beginAnnouncement()
    return this.made
  }

  /** Takes over what its hosts offer now. Returns whether it got a method or an event that it did not have. */
  grow (offer: ServiceOffer): boolean {
    const { shape: before, shared: { app, remotes } } = this
    const offered = this.shapeOf(permitted(offer.methods), offer.events)
    this.offer = copyOf(offer, offered)
    this.shape = this.unionOf(before, offered)
    // What stands for another object goes on looking like an unused service.
    if (!this.isUsed || this.made !== this.service) this.shape.reshape(this.service)
    if (!this.isUsed) return this.growUnused(before)
    let hasGrown = false
    this.internally(() => { hasGrown = growService(this, this.offer, { app, remotes }) })
    this.updateRelay()
    return hasGrown
  }

  /** Relays the events of other nodes to it. */
  connect (): void {
    this.isConnected = true
    this.listen()
  }

  /** Relays no more events once those of the nodes that left have come. */
  disconnectLater (): void {
    this.isConnected = false
    this.shared.remotes.events.whenEnded(this.path, () => { if (!this.isConnected) this.disconnect() })
  }

  /** Relays no more events. */
  disconnect (): void {
    this.isConnected = false
    this.relay?.stop()
    this.relay = undefined
    this.awaited?.stop()
    this.awaited = undefined
  }

  /** Relays events no more that no host has. */
  dropEvents (events: readonly string[]): void {
    for (const event of events) this.relay?.drop(event)
  }

  /** Announces the service to the program, which may add something to it. */
  announce (emit: () => void): void {
    this.isBeingAnnounced = true
    this.additions?.beginAnnouncement()
    try {
      emit()
    } finally {
      this.isBeingAnnounced = false
      this.additions?.endAnnouncement()
    }
  }

  /** Whether the app has got mixins since it was made, like those of a transport. */
  get missesMixins (): boolean {
    return this.isUsed && this.seenMixins < this.shared.app.mixins.length
  }

  /** Passes the service to mixins that the app got since it was made. */
  applyMixins (): void {
    if (!this.missesMixins) return
    this.internally(() => this.runMixins())
    this.updateRelay()
  }

  /** Does what the app does to register a service, but for its place on the app: it may be off the app by now. */
  private make (making: Making): void {
    const { made, path, offer, shape: { methods }, serviceOptions, shared } = this
    const { app, remotes, hooks, onAdded, register } = shared
    const { methods: shown = [] } = serviceOptions
    making.begin(new ForwardingService({ ...offer, methods }, remotes))
    Object.defineProperty(made, SERVICE, { value: serviceOptions, configurable: true })
    // Those that no host offers any more have hooks, and are not shown.
    replaceItems(shown, methods)
    register(path, () => this.runMixins())
    replaceItems(shown, offer.methods)
    forwardWithContext(made, path, methods, remotes)
    this.additions = new Additions(made, () => onAdded(this))
    // Feathers' own type has only the names of the standard methods.
    if (hooks !== undefined) this.internally(() => ofApp(made).hooks(hooks as HookOptions<Application, Service>))
    making.end()
    // As in `use` of Feathers: a mixin may have given it a set-up.
    if (app._isSetup) void ofApp(made).setup?.(app, path)
  }

  private reset (): void {
    this.isUsed = false
    this.made = this.service
    this.seenMixins = 0
    this.options = undefined
    this.additions = undefined
  }

  private runMixins (): void {
    const { path, made, shared: { app } } = this
    const missed = app.mixins.slice(this.seenMixins)
    this.seenMixins = app.mixins.length
    for (const mixin of missed) mixin.call(app, ofApp(made), path, getServiceOptions(made))
  }

  private growUnused (before: Shape): boolean {
    const { offer, shape, options } = this
    if (options !== undefined) {
      // Somebody may have them.
      replaceItems(options.methods ?? [], offer.methods)
      replaceItems(options.serviceEvents ?? [], shape.events)
    }
    if (shape === before) return false
    const { awaited } = this
    this.awaited = undefined
    if (awaited !== undefined) this.listen()
    awaited?.stop()
    return !before.covers(shape)
  }

  /** Follows the events of other nodes: those with a listener, or before the first use those for clients. */
  private listen (): void {
    const { path, made, awaited, shared: { app, remotes } } = this
    if (!this.isUsed) {
      if (awaited !== undefined || !hasChannels(app)) return
      const { shape: { events } } = this
      this.awaited = new AwaitedEvents(remotes.events, path, events, (event, args) => this.receive(event, args))
      return
    }
    if (this.relay === undefined && (this.isConnected || awaited !== undefined)) {
      this.internally(() => { this.relay = new EventRelay(app, made, path, remotes) })
      this.updateRelay()
    }
    // Afterwards, so that this node is subscribed all the time.
    awaited?.stop()
    this.awaited = undefined
  }

  /** The first event that the app may send to clients makes the service. */
  private receive (event: string, args: readonly unknown[]): void {
    if (publisherOf([this.shared.app], event) === undefined) return
    try {
      this.use()
    } catch {
      // The gateway has told why. It is no fault of a listener, for which the mesh would take it.
      return
    }
    this.relay?.receive(event, args)
  }

  /** Relays the events that have got listeners. */
  private updateRelay (): void {
    this.relay?.update()
  }

  /** Does work on the service that the program has no part in. */
  private internally (work: () => void): void {
    if (this.additions === undefined) work()
    else this.additions.internally(work)
  }

  private shapeOf (methods: readonly string[], events: readonly string[]): Shape {
    const { shapes, events: received } = this.shared
    return shapes.of(methods, received === undefined ? events : events.filter(event => received.includes(event)))
  }

  /** What a service of one shape has when its hosts offer another one: it keeps what it had. */
  private unionOf (before: Shape, offered: Shape): Shape {
    if (offered === before) return before
    const methods = namesKept(before.methods, offered.methods)
    return this.shared.shapes.of(methods, namesKept(before.events, offered.events))
  }
}
