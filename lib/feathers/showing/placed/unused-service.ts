import { EventEmitter } from 'node:events'
import { SERVICE, protectedMethods, type FeathersService, type ServiceOptions } from '@feathersjs/feathers'
import { keys } from '@feathersjs/transport-commons/lib/channels'
import { RecentMap } from '../../../collections/recent-map'
import { HEALTHCHECK } from '../../../contract/contract'
import type { ServiceOffer } from './service-offer'

/*
 * Feathers makes some 25 KB of each service that an app uses: hooks around each method, an emitter, routes. A node of a
 * large mesh knows thousands of services of other nodes and calls few. So it puts an object on the app that knows only
 * what it would be. Whoever reads anything of it that Feathers adds, or one of its methods, makes it that service.
 */

/** What makes a service of an unused one. */
export interface Maker {
  readonly offer: ServiceOffer
  /** The options that Feathers keeps of the service. */
  readonly serviceOptions: ServiceOptions
  /** Makes the service: from then on it has properties of its own for all that was read here. */
  use (): void
}

/** Under which a service has its maker, also for objects that inherit from it. */
const MAKER = Symbol('feathers-mesh:maker')

interface WithMaker {
  readonly [MAKER]?: Maker
}

/** What a service has as soon as Feathers and its transports have made it, beside its methods. */
const OF_EVERY_SERVICE: readonly PropertyKey[] = [
  'hooks', '__hooks', 'publish', 'registerPublisher', keys.PUBLISHERS,
  ...Reflect.ownKeys(EventEmitter.prototype).filter(name => name !== 'constructor')
]

/** What an unused service tells without being made. */
class UnusedService implements WithMaker {
  declare readonly [MAKER]?: Maker

  get remote (): boolean {
    return true
  }

  get key (): string | undefined {
    return makerOf(this)?.offer.key
  }

  get path (): string | undefined {
    return makerOf(this)?.offer.remotePath
  }

  get remoteOptions (): Readonly<Record<string, unknown>> | undefined {
    return makerOf(this)?.offer.remoteOptions
  }

  get id (): string | undefined {
    return makerOf(this)?.offer.id
  }

  /** Sockets of clients read the options of all services when they connect. */
  get [SERVICE] (): ServiceOptions | undefined {
    return makerOf(this)?.serviceOptions
  }
}

makeOnUse(UnusedService.prototype, OF_EVERY_SERVICE)

function makerOf (service: WithMaker): Maker | undefined {
  return service[MAKER]
}

/** Makes a service the first time that one of these properties is read or set. */
function makeOnUse (prototype: object, names: readonly PropertyKey[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      get (this: WithMaker) {
        const maker = makerOf(this)
        // Somebody looks at the prototype itself.
        if (maker === undefined) return undefined
        maker.use()
        return Reflect.get(this, name) as unknown
      },
      set (this: WithMaker, value: unknown) {
        makerOf(this)?.use()
        Reflect.set(this, name, value)
      },
      configurable: true
    })
  }
}

/** The methods and events that some services have, and what these services look like while nobody uses them. */
export class Shape {
  /** Why Feathers refuses such a service; undefined where it takes it. */
  readonly fault: string | undefined
  private readonly names: ReadonlySet<string>
  private readonly prototype: object = Object.create(UnusedService.prototype)

  constructor (readonly methods: readonly string[], readonly events: readonly string[]) {
    this.names = namesOf(methods, events)
    this.fault = faultOf(methods)
    makeOnUse(this.prototype, [...methods, HEALTHCHECK])
  }

  /** Whether services of another shape have the same methods and events, in whatever order. */
  isLike ({ names }: Shape): boolean {
    if (this.names === names) return true
    if (this.names.size !== names.size) return false
    for (const name of names) if (!this.names.has(name)) return false
    return true
  }

  /** A service that nobody uses yet. */
  create (maker: Maker): FeathersService {
    const service: object = Object.create(this.prototype, { [MAKER]: { value: maker } })
    // The type has what it gets when it is used.
    return service as FeathersService
  }

  /** Takes everything away that was made of a service. */
  reset (service: FeathersService): void {
    for (const name of Reflect.ownKeys(service)) if (name !== MAKER) Reflect.deleteProperty(service, name)
    Object.setPrototypeOf(service, this.prototype)
  }
}

/** How many shapes are remembered: peers choose names. Those of usual services are few. */
const MAX_SHAPES = 1_000

/** The shapes of services, one for all services that offer the same. */
export class Shapes {
  private readonly known = new RecentMap<string, Shape>(MAX_SHAPES)

  /** The shape of services with these methods and events. */
  of (methods: readonly string[], events: readonly string[]): Shape {
    const name = JSON.stringify([methods, events])
    let shape = this.known.get(name)
    if (shape === undefined) {
      shape = new Shape([...methods], [...events])
      this.known.set(name, shape)
    }
    return shape
  }
}

function namesOf (methods: readonly string[], events: readonly string[]): Set<string> {
  return new Set([...methods.map(name => `method ${name}`), ...events.map(name => `event ${name}`)])
}

const PROTECTED: ReadonlySet<string> = new Set(protectedMethods)

/** Feathers would say so only when it makes the service, and by then somebody has it. */
function faultOf (methods: readonly string[]): string | undefined {
  if (methods.length === 0) return 'it has no methods'
  const name = methods.find(each => PROTECTED.has(each))
  return name === undefined ? undefined : `'${name}' is not allowed as the name of a method`
}
