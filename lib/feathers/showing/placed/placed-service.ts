import {
  getServiceOptions, SERVICE, type Application, type FeathersService, type HookOptions, type Service,
  type ServiceOptions
} from '@feathersjs/feathers'
import type { Remotes } from '../../../remote/remotes'
import { ofApp, servicesOf, type Middlewares, type RemoteServiceHooks } from '../../app/feathers-app'
import { Additions } from './additions'
import { AwaitedEvents, hasChannels } from './awaited-events'
import { EventRelay } from './event-relay'
import { ForwardingService, forwardWithContext, marksOf } from './forwarding-service'
import { growService, publisherOf, type Growing } from './grow-service'
import type { ServiceOffer } from './service-offer'
import type { Maker, Shape, Shapes } from './unused-service'

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
  private offered: ServiceOffer
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
  private mixins = 0

  /** @throws Error where Feathers takes no such service */
  constructor (offer: ServiceOffer, private readonly shared: PlacedServiceOptions) {
    this.shape = this.shapeOf(offer)
    if (this.shape.fault !== undefined) throw new Error(this.shape.fault)
    this.offered = copyOf(offer, this.shape)
    this.service = this.shape.create(this)
  }

  get path (): string {
    return this.offered.path
  }

  /** What its hosts offer, of events those that this node receives. */
  get offer (): ServiceOffer {
    return this.offered
  }

  /** How much would be lost with it; 0 for nothing. */
  get worth (): number {
    return this.shared.declared.has(this.path) ? DECLARED_WORTH : this.additions?.worth ?? 0
  }

  /** How many methods and events it has, those that no host offers any more included. */
  get members (): number {
    if (!this.isUsed) return this.shape.methods.length + this.shape.events.length
    const { serviceEvents = [] } = this.serviceOptions
    return Object.getOwnPropertyNames(Object.getPrototypeOf(this.service)).length + serviceEvents.length
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
    return this.options ??= optionsOf(this.shape, this.shared.middlewares)
  }

  /**
   * Makes Feathers make the service, if it has not yet.
   *
   * @throws Error when something that the app does with each service fails
   */
  use (): void {
    if (this.isUsed) return
    this.isUsed = true
    try {
      this.make()
    } catch (error) {
      this.isUsed = false
      this.reset()
      this.shared.onFailed(this, error)
      throw error
    }
    this.listen()
    if (this.isBeingAnnounced) this.additions?.beginAnnouncement()
  }

  /** Takes over what its hosts offer now. Returns whether it got a method or an event that it did not have. */
  grow (offer: ServiceOffer): boolean {
    const shape = this.shapeOf(offer)
    if (!this.isUsed && shape.isLike(this.shape)) {
      this.offered = copyOf(offer, this.shape)
      return false
    }
    // A service keeps what it had, and this one has to be made before it can get anything beside that.
    this.use()
    this.shape = shape
    this.offered = copyOf(offer, shape)
    const { app, remotes } = this.shared
    let hasGrown = false
    this.internally(() => { hasGrown = growService(this, this.offered, { app, remotes }) })
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

  /** Passes the service to mixins that the app got after it was made, like those of a transport. */
  applyMixins (): void {
    if (!this.isUsed || this.mixins >= this.shared.app.mixins.length) return
    this.internally(() => this.runMixins())
    this.updateRelay()
  }

  /** Does what the app does to register a service, but for its place on the app: it may be off the app by now. */
  private make (): void {
    const { service, path, offered, shared: { remotes, hooks, onAdded, register } } = this
    Object.setPrototypeOf(service, new ForwardingService(offered, remotes))
    Object.defineProperty(service, SERVICE, { value: this.serviceOptions, configurable: true })
    register(path, () => this.runMixins())
    forwardWithContext(service, path, offered.methods, remotes)
    this.additions = new Additions(service, () => onAdded(this))
    // Feathers' own type has only the names of the standard methods.
    if (hooks !== undefined) this.internally(() => ofApp(service).hooks(hooks as HookOptions<Application, Service>))
  }

  private reset (): void {
    this.shape.reset(this.service)
    this.mixins = 0
    this.options = undefined
    this.additions = undefined
  }

  private runMixins (): void {
    const { path, service, shared: { app } } = this
    const missed = app.mixins.slice(this.mixins)
    this.mixins = app.mixins.length
    for (const mixin of missed) mixin.call(app, ofApp(service), path, getServiceOptions(service))
  }

  /** Follows the events of other nodes: those with a listener, or before the first use those for clients. */
  private listen (): void {
    const { path, service, shared: { app, remotes: { events } } } = this
    const { awaited } = this
    if (!this.isUsed) {
      if (awaited !== undefined || !hasChannels(app)) return
      this.awaited = new AwaitedEvents(events, path, this.shape.events, (event, args) => this.receive(event, args))
      return
    }
    if (this.relay === undefined && (this.isConnected || awaited !== undefined)) {
      this.internally(() => { this.relay = new EventRelay(app, service, path, events) })
      this.updateRelay()
    }
    // Afterwards, so that this node is subscribed all the time.
    awaited?.stop()
    this.awaited = undefined
  }

  /** The first event that the app may send to clients makes the service. */
  private receive (event: string, args: readonly unknown[]): void {
    if (publisherOf([this.shared.app], event) === undefined) return
    this.use()
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

  private shapeOf ({ methods, events }: ServiceOffer): Shape {
    const { shapes, events: received } = this.shared
    return shapes.of(methods, received === undefined ? events : events.filter(event => received.includes(event)))
  }
}

/** An offer that stays as it is when its hosts have gone. */
function copyOf (offer: ServiceOffer, { methods, events }: Shape): ServiceOffer {
  const { path, remotePath } = offer
  const { key, remoteOptions, id } = marksOf(offer)
  return { path, remotePath, key, remoteOptions, id, methods, events }
}

function optionsOf (shape: Shape, { before = [], after = [] }: Middlewares = {}): ServiceOptions {
  // Adapters append to their lists, so each adapter and each service gets lists of its own.
  const middlewares = (): object => ({ before: [before].flat(), after: [after].flat() })
  const events = [...shape.events]
  // The adapters look these up, and don't add them to the type of the options.
  const ofAdapters: object = { express: middlewares(), koa: middlewares() }
  return {
    methods: [...shape.methods],
    // With all events in this list Feathers emits none after a call: they come from the host.
    // Feathers would add the standard events to it, so the events for channels have a list of their own.
    events,
    serviceEvents: events,
    ...ofAdapters
  }
}
