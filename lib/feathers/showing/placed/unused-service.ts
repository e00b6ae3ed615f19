import { EventEmitter } from 'node:events'
import { SERVICE, protectedMethods, type FeathersService, type ServiceOptions } from '@feathersjs/feathers'
import { keys } from '@feathersjs/transport-commons/lib/channels'
import { SizedMap } from '../../../collections/sized-map'
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

/** What a service has as soon as Feathers and its transports have made it, beside its methods. */
const OF_EVERY_SERVICE: readonly PropertyKey[] = [
  'hooks', '__hooks', 'publish', 'registerPublisher', keys.PUBLISHERS,
  ...Reflect.ownKeys(EventEmitter.prototype).filter(name => name !== 'constructor')
]

/** What an unused service tells without being made. */
class UnusedService {
  /** Nobody else sees it, unlike a property: who prints a service does not want to read of the whole node. */
  readonly #maker: Maker

  constructor (maker: Maker) {
    this.#maker = maker
  }

  /** The maker of a service, or of one that an object inherits from; undefined for a mere prototype. */
  static makerOf (service: object): Maker | undefined {
    for (let each: object | null = service; each !== null; each = Object.getPrototypeOf(each)) {
      if (#maker in each) return each.#maker
    }
    return undefined
  }

  get remote (): boolean {
    return true
  }

  get key (): string | undefined {
    return UnusedService.makerOf(this)?.offer.key
  }

  get path (): string | undefined {
    return UnusedService.makerOf(this)?.offer.remotePath
  }

  get remoteOptions (): Readonly<Record<string, unknown>> | undefined {
    return UnusedService.makerOf(this)?.offer.remoteOptions
  }

  get id (): string | undefined {
    return UnusedService.makerOf(this)?.offer.id
  }

  /** Sockets of clients read the options of all services when they connect. */
  get [SERVICE] (): ServiceOptions | undefined {
    return UnusedService.makerOf(this)?.serviceOptions
  }
}

makeOnUse(UnusedService.prototype, OF_EVERY_SERVICE)

/** Makes a service the first time that one of these properties is read or set. */
function makeOnUse (prototype: object, names: readonly PropertyKey[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      get (this: object) {
        const maker = UnusedService.makerOf(this)
        if (maker === undefined) return undefined
        maker.use()
        return Reflect.get(this, name) as unknown
      },
      set (this: object, value: unknown) {
        UnusedService.makerOf(this)?.use()
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
  private readonly Unused = class extends UnusedService {}

  constructor (readonly methods: readonly string[], readonly events: readonly string[]) {
    this.names = namesOf(methods, events)
    this.fault = faultOf(methods)
    makeOnUse(this.Unused.prototype, [...methods, HEALTHCHECK])
  }

  /** Whether these are its very methods and events. */
  isOf (methods: readonly string[], events: readonly string[]): boolean {
    return areEqual(this.methods, methods) && areEqual(this.events, events)
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
    const service: object = new this.Unused(maker)
    // The type has what it gets when it is used.
    return service as FeathersService
  }

  /** Takes everything away that was made of a service. */
  reset (service: FeathersService): void {
    for (const name of Reflect.ownKeys(service)) Reflect.deleteProperty(service, name)
    Object.setPrototypeOf(service, this.Unused.prototype)
  }
}

/** How many shapes are remembered: peers choose names. Those of usual services are few. */
const MAX_SHAPES = 1_000

/** The methods and events of all shapes that are remembered. */
const MAX_SHAPE_NAMES = 20_000

/** The shapes of services, one for all services that offer the same. */
export class Shapes {
  private readonly known: SizedMap<string, Shape>
  private last: Shape | undefined

  constructor (maxShapes = MAX_SHAPES, maxNames = MAX_SHAPE_NAMES) {
    this.known = new SizedMap(maxShapes, maxNames, (_name, { methods, events }) => methods.length + events.length)
  }

  /** The shape of services with these methods and events. */
  of (methods: readonly string[], events: readonly string[]): Shape {
    // The services of a node, and those of similar nodes, often offer the same.
    if (this.last?.isOf(methods, events) === true) return this.last
    const name = JSON.stringify([methods, events])
    let shape = this.known.get(name)
    if (shape === undefined) {
      shape = new Shape([...methods], [...events])
      this.known.set(name, shape)
    }
    this.last = shape
    return shape
  }
}

function areEqual (some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, n) => each === others[n])
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
