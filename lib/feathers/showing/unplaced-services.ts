import type { Application } from '@feathersjs/feathers'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import { servicesOf, type ServicesByPath } from '../app/feathers-app'

/** So many wait at most: whoever looks for one of them waits until all are on the app. */
const MAX_UNPLACED = 5_000

/**
 * Services of other nodes that are to be on the app, and that nobody has looked for there. They get there, in the order
 * in which they came, as soon as somebody looks: reads the services of the app, or looks into the table that was read
 * earlier. Most nodes of a large mesh never do.
 */
export class UnplacedServices {
  private readonly entries = new Map<string, RemoteServiceEntry>()
  private isPlacing = false

  /** @param place - puts a service on the app; it may read the services of the app */
  constructor (app: Application, private readonly place: (entry: RemoteServiceEntry) => void) {
    let services = this.watched(servicesOf(app))
    Object.defineProperty(app, 'services', {
      get: () => {
        // Also for what looks behind a proxy, as console.log does.
        this.placeAll()
        return services
      },
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

  /** A table of services that is complete for everybody who looks into it, however long he has had it. */
  private watched (table: ServicesByPath): ServicesByPath {
    const placeAll = (): void => this.placeAll()
    return new Proxy(table, {
      get (...look) {
        placeAll()
        return Reflect.get(...look)
      },
      has (...look) {
        placeAll()
        return Reflect.has(...look)
      },
      ownKeys (...look) {
        placeAll()
        return Reflect.ownKeys(...look)
      },
      getOwnPropertyDescriptor (...look) {
        placeAll()
        return Reflect.getOwnPropertyDescriptor(...look)
      },
      defineProperty (...change) {
        placeAll()
        return Reflect.defineProperty(...change)
      },
      deleteProperty (...change) {
        placeAll()
        return Reflect.deleteProperty(...change)
      }
    })
  }
}
