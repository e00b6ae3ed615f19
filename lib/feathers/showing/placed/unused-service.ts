import { EventEmitter } from 'node:events'
import { SERVICE, protectedMethods, type FeathersService, type ServiceOptions } from '@feathersjs/feathers'
import { keys } from '@feathersjs/transport-commons/lib/channels'
import { SizedMap } from '../../../collections/sized-map'
import { HEALTHCHECK } from '../../../contract/contract'
import { setOwn } from '../../../record'
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
  /** Makes the service. Returns what has all its properties from then on: the service, or what stands in for it. */
  use (): object
}

/** What a service has as soon as Feathers and its transports have made it, beside its methods. */
const OF_EVERY_SERVICE: readonly PropertyKey[] = [
  'hooks', '__hooks', 'publish', 'registerPublisher', keys.PUBLISHERS,
  ...Reflect.ownKeys(EventEmitter.prototype).filter(name => name !== 'constructor')
]

/** The property with the maker of an unused service, which what inherits from it, or is a proxy of it, has as well. */
const MAKER = Symbol('feathers-mesh:maker')

/** Refers to a maker. Who prints a service with its hidden properties does not want to read of the whole node. */
class MakerReference {
  readonly #maker: Maker

  constructor (maker: Maker) {
    this.#maker = maker
  }

  get maker (): Maker {
    return this.#maker
  }
}

/** The maker of an unused service; undefined for what all of a kind share, for a copy, and for a service in use. */
function makerOf (service: object): Maker | undefined {
  const reference: unknown = Reflect.get(service, MAKER)
  return reference instanceof MakerReference ? reference.maker : undefined
}

/** What an unused service tells without being made. */
class UnusedService {
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

/** The objects that unused services inherit from. */
const SHARED = new WeakSet<object>([UnusedService.prototype])

makeSettable(UnusedService.prototype, ['remote', 'key', 'path', 'remoteOptions', 'id'])
makeOnUse(UnusedService.prototype, OF_EVERY_SERVICE)

/** Lets a program give a service a value of its own for one of these properties. */
function makeSettable (prototype: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      ...Object.getOwnPropertyDescriptor(prototype, name),
      set (this: object, value: unknown) { setUnlessShared(this, name, value) }
    })
  }
}

/** Makes a service the first time that one of these properties is read or set. */
function makeOnUse (prototype: object, names: readonly PropertyKey[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      get (this: object) {
        const made = makerOf(this)?.use()
        return made === undefined ? undefined : Reflect.get(made, name, this) as unknown
      },
      set (this: object, value: unknown) {
        const made = makerOf(this)?.use()
        if (made === undefined) setUnlessShared(this, name, value)
        // As with any object: what inherits from the service gets a property of its own.
        else Reflect.set(made, name, value, makerOf(this) === undefined ? this : made)
      },
      configurable: true
    })
  }
}

function setUnlessShared (owner: object, name: PropertyKey, value: unknown): void {
  if (SHARED.has(owner)) {
    throw new TypeError(`'${String(name)}' can't be set here, as services of other nodes share it: set it on the service`)
  }
  setOwn(owner, name, value)
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
    SHARED.add(this.prototype)
  }

  /** Whether these are its very methods and events. */
  isOf (methods: readonly string[], events: readonly string[]): boolean {
    return areEqual(this.methods, methods) && areEqual(this.events, events)
  }

  /** Whether it has all methods and events of another shape. */
  covers (other: Shape): boolean {
    if (this === other) return true
    for (const name of other.names) if (!this.names.has(name)) return false
    return true
  }

  /** A service that nobody uses yet. */
  create (maker: Maker): FeathersService {
    const service: object = Object.create(this.prototype)
    this.disguise(service, maker)
    // The type has what it gets when it is used.
    return service as FeathersService
  }

  /** Makes an object an unused service, beside what it has of its own. */
  disguise (service: object, maker: Maker): void {
    this.reshape(service)
    Object.defineProperty(service, MAKER, { value: new MakerReference(maker), configurable: true })
  }

  /** Gives an unused service, of whatever shape, this one. One that the program has frozen stays as it is. */
  reshape (service: object): void {
    const isOfIt = Object.getPrototypeOf(service) === this.prototype
    if (!isOfIt && Object.isExtensible(service)) Object.setPrototypeOf(service, this.prototype)
  }

  /** Whether reading a property of this name makes a service, or tells of it. */
  knows (name: PropertyKey): boolean {
    return name in this.prototype
  }
}

/** A service is in use, so nothing of it has to make it any more. */
export function undisguise (service: object): void {
  Reflect.deleteProperty(service, MAKER)
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

/** Those of some names that a service can have. */
export function permitted (methods: readonly string[]): readonly string[] {
  return methods.filter(name => !PROTECTED.has(name))
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
