import { getServiceOptions, type Application, type FeathersService } from '@feathersjs/feathers'
import type { RemoteEvents } from '../../remote/remote-events'
import { EventRelay } from './event-relay'
import { PutOn } from './put-on'

/** What is the same for all services of other nodes on one app. */
export interface PlacedServiceOptions {
  readonly app: Application
  readonly remoteEvents: RemoteEvents
  /** Paths that the program declared. */
  readonly declared: ReadonlySet<string>
  /** The program put something on a service. */
  readonly onPutOn: (placed: PlacedService) => void
}

/** A service of other nodes as it is on the app, or was: one object with all that was put on it. */
export class PlacedService {
  private readonly putOn: PutOn
  private relay: EventRelay | undefined
  /** So many of the app's mixins have seen it. */
  private mixins: number

  constructor (
    readonly path: string, readonly service: FeathersService, private readonly options: PlacedServiceOptions
  ) {
    this.mixins = options.app.mixins.length
    this.putOn = new PutOn(options.app, service, () => options.onPutOn(this))
  }

  /** How much is lost with it; 0 for nothing. */
  get worth (): number {
    return this.options.declared.has(this.path) ? 3 : this.putOn.worth
  }

  /** Whether the app has it now. */
  get isOnApp (): boolean {
    return (this.options.app.services as Readonly<Record<string, unknown>>)[this.path] === this.service
  }

  /** Gives it the events of other nodes. */
  connect (): void {
    if (this.relay !== undefined) return
    const { path, service, options: { app, remoteEvents } } = this
    this.byItself(() => { this.relay = new EventRelay(app, service, path, remoteEvents) })
    this.listen()
  }

  disconnect (): void {
    this.relay?.end()
    this.relay = undefined
  }

  /** Looks which events are listened to. */
  listen (): void {
    this.relay?.update()
  }

  /** Does something to it that is no doing of the program. */
  byItself (work: () => void): void {
    this.putOn.byItself(work)
  }

  /** Announces it to the program, which may put something on it. */
  announce (emit: () => void): void {
    this.putOn.announce(emit)
  }

  /** Shows it to mixins that the app got after it, like those of a transport. */
  catchUp (): void {
    const { path, service, options: { app } } = this
    const { mixins } = app
    if (this.mixins >= mixins.length) return
    const missed = mixins.slice(this.mixins)
    this.mixins = mixins.length
    // Feathers has one type for a service of any app, and another one for that of this app.
    const own = service as FeathersService<Application>
    this.byItself(() => missed.forEach(mixin => mixin.call(app, own, path, getServiceOptions(service))))
    this.listen()
  }
}
