import { getServiceOptions, type Application, type FeathersService } from '@feathersjs/feathers'
import type { RemoteEvents } from '../../remote/remote-events'
import { ofApp, servicesOf } from '../app/feathers-app'
import { Additions } from './additions'
import { EventRelay } from './event-relay'

/** What all placed services of one app share. */
export interface PlacedServiceOptions {
  readonly app: Application
  /** Where events of other nodes come from. */
  readonly remoteEvents: RemoteEvents
  /** The paths that the program declared. */
  readonly declared: ReadonlySet<string>
  /** Called when the program has added something to a service. */
  readonly onAdded: (placed: PlacedService) => void
}

/** The value of a declared service: more than that of any addition. */
const DECLARED_WORTH = 3

/** A remote service that is, or was, on the app: one object, with everything that was added to it. */
export class PlacedService {
  /** The parts of its path. */
  readonly parts: readonly string[]
  private readonly additions: Additions
  private relay: EventRelay | undefined
  /** The listeners that send events of the service to channels, beyond those that Feathers added. */
  readonly publishing = new Map<string, (data: unknown, context: unknown) => void>()
  private isConnected = false
  /** How many of the app's mixins have seen it. */
  private mixins: number

  constructor (
    readonly path: string, readonly service: FeathersService, private readonly options: PlacedServiceOptions
  ) {
    this.parts = path.split('/')
    this.mixins = options.app.mixins.length
    this.additions = new Additions(service, () => options.onAdded(this))
  }

  /** How much would be lost with it; 0 for nothing. */
  get worth (): number {
    return this.options.declared.has(this.path) ? DECLARED_WORTH : this.additions.worth
  }

  /** How many methods and events it has, those that no host offers any more included. */
  get members (): number {
    const { serviceEvents = [] } = getServiceOptions(this.service)
    return Object.getOwnPropertyNames(Object.getPrototypeOf(this.service)).length + serviceEvents.length
  }

  /** Whether the app has it now. */
  get isOnApp (): boolean {
    return servicesOf(this.options.app)[this.path] === this.service
  }

  /** Relays the events of other nodes to it. */
  connect (): void {
    this.isConnected = true
    if (this.relay !== undefined) return
    const { path, service, options: { app, remoteEvents } } = this
    this.internally(() => { this.relay = new EventRelay(app, service, path, remoteEvents) })
    this.updateRelay()
  }

  /** Relays no more events once those of the nodes that left have come. */
  disconnectLater (): void {
    this.isConnected = false
    this.options.remoteEvents.whenEnded(this.path, () => { if (!this.isConnected) this.disconnect() })
  }

  /** Relays no more events. */
  disconnect (): void {
    this.isConnected = false
    this.relay?.stop()
    this.relay = undefined
  }

  /** Relays the events that have got listeners. */
  updateRelay (): void {
    this.relay?.update()
  }

  /** Relays events no more that no host has. */
  dropEvents (events: readonly string[]): void {
    for (const event of events) this.relay?.drop(event)
  }

  /** Does work on the service that the program has no part in. */
  internally (work: () => void): void {
    this.additions.internally(work)
  }

  /** Announces the service to the program, which may add something to it. */
  announce (emit: () => void): void {
    this.additions.announce(emit)
  }

  /** Passes the service to mixins that the app got later, like those of a transport. */
  applyMixins (): void {
    const { path, service, options: { app } } = this
    const { mixins } = app
    if (this.mixins >= mixins.length) return
    const missed = mixins.slice(this.mixins)
    this.mixins = mixins.length
    this.internally(() => missed.forEach(mixin => mixin.call(app, ofApp(service), path, getServiceOptions(service))))
    this.updateRelay()
  }
}
