import type { FeathersService } from '@feathersjs/feathers'
import { undisguise, type Maker, type Shape } from './unused-service'

/** The first use of a service: what the program gave it of its own before stays, and is not in the way of Feathers. */
export class Making {
  /** What gets all that Feathers adds: the service, or another object for it where it can't get that itself. */
  readonly made: FeathersService
  private readonly before: ReadonlySet<PropertyKey>
  private readonly aside = new Map<PropertyKey, PropertyDescriptor>()

  /** @param shape - what the service looks like now */
  constructor (
    private readonly service: FeathersService, private readonly shape: Shape, private readonly maker: Maker
  ) {
    this.before = new Set(Reflect.ownKeys(service))
    for (const name of this.before) {
      const descriptor = Reflect.getOwnPropertyDescriptor(service, name)
      if (descriptor !== undefined && shape.knows(name)) this.aside.set(name, descriptor)
    }
    const isFree = [...this.aside.values()].every(({ configurable }) => configurable)
    // The program may have frozen it. The type has what Feathers adds.
    this.made = isFree && Object.isExtensible(service) ? service : {} as FeathersService
  }

  /** Lets Feathers add what it adds. */
  begin (prototype: object): void {
    const { made, service } = this
    if (made === service) {
      for (const name of this.aside.keys()) Reflect.deleteProperty(service, name)
      undisguise(service)
    }
    Object.setPrototypeOf(made, prototype)
  }

  /** Feathers has made the service. */
  end (): void {
    if (this.made === this.service) this.putBack()
  }

  /** Takes everything away that was added. */
  undo (): void {
    const { made, service, before } = this
    if (made !== service) return
    for (const name of Reflect.ownKeys(service)) if (!before.has(name)) Reflect.deleteProperty(service, name)
    this.putBack()
    this.shape.disguise(service, this.maker)
  }

  private putBack (): void {
    for (const [name, descriptor] of this.aside) Object.defineProperty(this.service, name, descriptor)
  }
}
