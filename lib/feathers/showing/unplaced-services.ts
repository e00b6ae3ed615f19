import type { Application } from '@feathersjs/feathers'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import { servicesOf, type ServicesByPath } from '../app/feathers-app'
import { watchedTable } from './watched-table'

/**
 * How long no service may have come before those that wait are put on an app that the program had before its node: at
 * least, and for each that waits, up to twice that. A starting mesh has other work. In one of hundreds, many seconds
 * pass now and then in which none comes; and where all its nodes did this together, newcomers would wait for it.
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
 * Services of other nodes that are to be on the app, and that nobody has looked for there. They get there, in the order
 * in which they came, as soon as somebody looks for one of them in the table of the app, or lists what is there. Most
 * nodes of a large mesh never do. A program that had the app before its node may have the table itself, which shows
 * nothing of that: there, they get there at the latest when no more have come for a while.
 */
export class UnplacedServices {
  private readonly entries = new Map<string, RemoteServiceEntry>()
  private firstAt = 0
  private latestAt = 0
  private timer: NodeJS.Timeout | undefined
  private isPlacing = false
  private readonly quietOfEach = QUIET_MS_OF_EACH * (1 + Math.random())

  /**
   * @param place - puts a service on the app; it may read the services of the app
   * @param isNewApp - whether nobody had the app before its node
   */
  constructor (
    app: Application, private readonly place: (entry: RemoteServiceEntry) => void, private readonly isNewApp = false
  ) {
    let services = this.watched(servicesOf(app))
    Object.defineProperty(app, 'services', {
      get: () => services,
      set: (other: ServicesByPath) => {
        this.placeAll()
        if (other !== services) services = this.watched(other)
      },
      enumerable: true,
      configurable: true
    })
  }

  /** A service is to be on the app. Returns whether it can wait: otherwise it has to be put there now. */
  add (entry: RemoteServiceEntry): boolean {
    if (this.isPlacing) return false
    // Those that wait get there together, and nothing else runs meanwhile.
    if (this.entries.size >= MAX_UNPLACED) this.placeFirst(1)
    if (!this.isNewApp) this.placeInTime()
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

  private placeInTime (): void {
    this.latestAt = performance.now()
    if (this.entries.size === 0) this.firstAt = this.latestAt
    this.timer ??= setTimeout(() => this.onTime(), QUIET_MS).unref()
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
    this.placeFirst(PLACED_IN_A_TURN)
    if (this.entries.size > 0) setImmediate(() => this.placeInTurns()).unref()
  }

  /** Whoever looks for a service that does not wait, as a host does for each call, leaves the others where they are. */
  private watched (table: ServicesByPath): ServicesByPath {
    return watchedTable(table, path => {
      if (path === undefined || this.entries.has(String(path))) this.placeAll()
    })
  }
}
