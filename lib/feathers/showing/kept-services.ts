import type { PlacedService } from './placed-service'

/** How many services are kept while no node hosts them. */
const MAX_KEPT = 1_000

interface Kept {
  readonly placed: WeakRef<PlacedService>
  /** Undefined for a service without additions: that one is kept only as long as the program itself refers to it. */
  readonly held: PlacedService | undefined
  readonly worth: number
}

/**
 * Services of other nodes that are off the app, until they return. Peers choose how many there are, so beyond a bound
 * some are evicted: first those without additions, then those whose additions the program makes at each announcement.
 * Among equals the one that has been gone for longest goes first.
 */
export class KeptServices {
  private readonly byPath = new Map<string, Kept>()

  constructor (private readonly limit = MAX_KEPT) {}

  /** Keeps a service that left the app. */
  keep (placed: PlacedService): void {
    const { path, worth } = placed
    this.byPath.delete(path)
    this.byPath.set(path, { placed: new WeakRef(placed), held: worth > 0 ? placed : undefined, worth })
    if (this.byPath.size > this.limit) this.evict()
  }

  /** The program has added something to a service, which may be a kept one. */
  onAdded (placed: PlacedService): void {
    const { path, worth } = placed
    const kept = this.byPath.get(path)
    if (kept?.placed.deref() === placed) this.byPath.set(path, { ...kept, held: placed, worth })
  }

  /** Removes and returns the service that was on a path. */
  take (path: string): PlacedService | undefined {
    const kept = this.byPath.get(path)
    this.byPath.delete(path)
    return kept?.placed.deref()
  }

  private evict (): void {
    let least: [path: string, worth: number] | undefined
    for (const [path, { worth }] of this.byPath) if (least === undefined || worth < least[1]) least = [path, worth]
    if (least !== undefined) this.byPath.delete(least[0])
  }
}
