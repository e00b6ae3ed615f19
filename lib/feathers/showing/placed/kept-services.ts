import type { PlacedService } from './placed-service'

/** How many services are kept while no node hosts them. */
const MAX_KEPT = 1_000

/** Methods and events of all services that are kept. */
const MAX_KEPT_MEMBERS = 100_000

interface Kept {
  readonly placed: WeakRef<PlacedService>
  /** Undefined for a service without additions: that one is kept only as long as the program itself refers to it. */
  readonly held: PlacedService | undefined
  readonly worth: number
  readonly members: number
}

/**
 * Services of other nodes that are off the app, until they return. Peers choose how many there are, so beyond a bound
 * some are evicted: first those without additions, then those whose additions the program makes at each announcement.
 * Among equals the one that has been gone for longest goes first.
 */
export class KeptServices {
  private readonly byPath = new Map<string, Kept>()
  /** The paths by the worth of their services, in the order in which they left. */
  private readonly byWorth = new Map<number, Set<string>>()
  private members = 0

  constructor (private readonly limit = MAX_KEPT, private readonly maxMembers = MAX_KEPT_MEMBERS) {}

  /** Keeps a service that left the app. */
  keep (placed: PlacedService): void {
    const { path, worth, members } = placed
    this.remove(path)
    this.add(path, { placed: new WeakRef(placed), held: worth > 0 ? placed : undefined, worth, members })
    while (this.byPath.size > this.limit || this.members > this.maxMembers) this.evict()
  }

  /** The program has added something to a service, which may be a kept one. */
  onAdded (placed: PlacedService): void {
    const { path, worth } = placed
    const kept = this.byPath.get(path)
    if (kept?.placed.deref() !== placed) return
    this.remove(path)
    this.add(path, { ...kept, held: placed, worth })
  }

  /** Whether there is one that was on a path. */
  has (path: string): boolean {
    return this.byPath.has(path)
  }

  /** Removes and returns the service that was on a path. */
  take (path: string): PlacedService | undefined {
    return this.remove(path)?.placed.deref()
  }

  private add (path: string, kept: Kept): void {
    const paths = this.byWorth.get(kept.worth) ?? new Set<string>()
    this.byWorth.set(kept.worth, paths.add(path))
    this.byPath.set(path, kept)
    this.members += kept.members
  }

  private remove (path: string): Kept | undefined {
    const kept = this.byPath.get(path)
    if (kept === undefined) return undefined
    this.byPath.delete(path)
    this.byWorth.get(kept.worth)?.delete(path)
    this.members -= kept.members
    return kept
  }

  private evict (): void {
    for (const worth of [...this.byWorth.keys()].sort((one, other) => one - other)) {
      for (const path of this.byWorth.get(worth) ?? []) return void this.remove(path)
    }
  }
}
