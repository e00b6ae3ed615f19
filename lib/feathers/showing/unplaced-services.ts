import { inspect } from 'node:util'
import type { Application } from '@feathersjs/feathers'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import { servicesOf, type ServicesByPath } from '../app/feathers-app'

/** So many wait at most: whoever looks for one of them waits until all are on the app. */
const MAX_UNPLACED = 5_000

/**
 * Services of other nodes that are to be on the app, and that nobody has looked for there. They get there, in the order
 * in which they came, as soon as somebody looks for one of them in the table of the app, or lists what is there. Most
 * nodes of a large mesh never do.
 */
export class UnplacedServices {
  private readonly entries = new Map<string, RemoteServiceEntry>()
  private isPlacing = false

  /** @param place - puts a service on the app; it may read the services of the app */
  constructor (app: Application, private readonly place: (entry: RemoteServiceEntry) => void) {
    let services = this.watched(servicesOf(app))
    Object.defineProperty(app, 'services', {
      get: () => services,
      set: (other: ServicesByPath) => { services = this.watched(other) },
      enumerable: true,
      configurable: true
    })
  }

  /** A service is to be on the app. Returns whether it can wait: otherwise it has to be put there now. */
  add (entry: RemoteServiceEntry): boolean {
    if (this.isPlacing) return false
    // Those that wait get there together, and nothing else runs meanwhile.
    if (this.entries.size >= MAX_UNPLACED) this.placeFirst(1)
    this.entries.set(entry.path, entry)
    return true
  }

  /** Whether the service on a path waits. */
  has (path: string): boolean {
    return this.entries.has(path)
  }

  /** A service need not get there any more. Returns whether it waited. */
  delete (path: string): boolean {
    return this.entries.delete(path)
  }

  /** Puts all services on the app. */
  placeAll (): void {
    if (this.entries.size > 0) this.placeFirst(Infinity)
  }

  /** Puts those on the app that have waited longest. */
  private placeFirst (count: number): void {
    if (this.isPlacing) return
    this.isPlacing = true
    let left = count
    try {
      for (const [path, entry] of this.entries) {
        if (left-- <= 0) return
        this.entries.delete(path)
        this.place(entry)
      }
    } finally {
      this.isPlacing = false
    }
  }

  /**
   * A table of services that is complete for everybody who looks into it, however long he has had it. Whoever looks for
   * a service that does not wait, as a host does for each call, leaves the others where they are.
   */
  private watched (table: ServicesByPath): ServicesByPath {
    const placeAll = (): void => this.placeAll()
    const placeFor = (path: string | symbol): void => { if (this.entries.has(String(path))) this.placeAll() }
    // Node prints what is behind a proxy without a look through it.
    Object.defineProperty(table, inspect.custom, { value: () => ({ ...proxy }), configurable: true })
    const proxy = new Proxy(table, {
      get (target, path, receiver) {
        placeFor(path)
        return Reflect.get(target, path, receiver)
      },
      has (target, path) {
        placeFor(path)
        return Reflect.has(target, path)
      },
      ownKeys (target) {
        placeAll()
        return Reflect.ownKeys(target)
      },
      getOwnPropertyDescriptor (target, path) {
        placeFor(path)
        return Reflect.getOwnPropertyDescriptor(target, path)
      },
      defineProperty (target, path, property) {
        placeFor(path)
        return Reflect.defineProperty(target, path, property)
      },
      deleteProperty (target, path) {
        placeFor(path)
        return Reflect.deleteProperty(target, path)
      }
    })
    return proxy
  }
}
