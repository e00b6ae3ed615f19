import type { Application } from '@feathersjs/feathers'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import { servicesOf } from '../app/feathers-app'

/**
 * How long no service may have come before those that wait are put on the app, so that a starting mesh is no work: at
 * least, and for each that waits, up to twice that. In a mesh of hundreds that starts, many seconds pass now and then
 * in which none comes; and where all its nodes did this work together, newcomers would wait for it.
 */
const QUIET_MS = 1_000
const QUIET_MS_OF_EACH = 10
/** How long the first of them waits where ever more come. */
const LONGEST_MS = 120_000
/** So many are put on the app in one turn of the event loop then. */
const PLACED_IN_A_TURN = 100
/** So many wait at most: whoever looks for one of them waits until all are on the app. */
const MAX_UNPLACED = 5_000

/**
 * Services of other nodes that are to be on the app, and that nobody has looked for there. They get there as soon as
 * somebody reads the services of the app, in the order in which they came, and at the latest when no more have come for
 * a while: a program may have got hold of the table itself.
 */
export class UnplacedServices {
  private readonly entries = new Map<string, RemoteServiceEntry>()
  private firstAt = 0
  private latestAt = 0
  private timer: NodeJS.Timeout | undefined
  private isPlacing = false
  private readonly quietOfEach = QUIET_MS_OF_EACH * (1 + Math.random())

  /** @param place - puts a service on the app; it may read the services of the app */
  constructor (app: Application, private readonly place: (entry: RemoteServiceEntry) => void) {
    let services = servicesOf(app)
    Object.defineProperty(app, 'services', {
      get: () => {
        this.placeAll()
        return services
      },
      set: (other: typeof services) => { services = other },
      enumerable: true,
      configurable: true
    })
  }

  /** A service is to be on the app. Returns whether it can wait: otherwise it has to be put there now. */
  add (entry: RemoteServiceEntry): boolean {
    if (this.isPlacing || this.entries.size >= MAX_UNPLACED) return false
    this.latestAt = performance.now()
    if (this.entries.size === 0) this.firstAt = this.latestAt
    this.entries.set(entry.path, entry)
    this.timer ??= setTimeout(() => this.onTime(), QUIET_MS).unref()
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
    if (this.entries.size > 0) this.placeSome(Infinity)
  }

  private placeSome (most: number): void {
    if (this.isPlacing) return
    this.isPlacing = true
    try {
      for (const [path, entry] of this.entries) {
        if (most-- <= 0) return
        this.entries.delete(path)
        this.place(entry)
      }
    } finally {
      this.isPlacing = false
    }
  }

  private onTime (): void {
    this.timer = undefined
    const { size } = this.entries
    if (size === 0) return
    const quiet = Math.max(QUIET_MS, size * this.quietOfEach)
    const wait = Math.min(this.latestAt + quiet, this.firstAt + LONGEST_MS) - performance.now()
    if (wait > 0) this.timer = setTimeout(() => this.onTime(), wait).unref()
    else this.placeInTurns()
  }

  private placeInTurns (): void {
    this.placeSome(PLACED_IN_A_TURN)
    if (this.entries.size > 0) setImmediate(() => this.placeInTurns()).unref()
  }
}
