import type { PlacedService } from './placed-service'

/** So many services that are gone are kept for their return. */
const MAX_KEPT = 1_000

interface Kept {
  readonly placed: WeakRef<PlacedService>
  /** One that nothing was put on is kept only as long as the program itself keeps it. */
  readonly held: PlacedService | undefined
  readonly worth: number
}

/**
 * Services of other nodes that are off the app, for their return. Peers choose how many there are, so beyond a bound
 * some are forgotten: first those that nothing was put on, then those on which the program puts all anew when they are
 * announced, and of equal ones that which has been gone for longest.
 */
export class KeptServices {
  private readonly byPath = new Map<string, Kept>()

  constructor (private readonly most = MAX_KEPT) {}

  keep (placed: PlacedService): void {
    const { path, worth } = placed
    this.byPath.delete(path)
    this.byPath.set(path, { placed: new WeakRef(placed), held: worth > 0 ? placed : undefined, worth })
    if (this.byPath.size > this.most) this.forgetOne()
  }

  /** Something was put on a service; it may be one that is kept. */
  changed (placed: PlacedService): void {
    const { path, worth } = placed
    const kept = this.byPath.get(path)
    if (kept?.placed.deref() === placed) this.byPath.set(path, { ...kept, held: placed, worth })
  }

  take (path: string): PlacedService | undefined {
    const kept = this.byPath.get(path)
    this.byPath.delete(path)
    return kept?.placed.deref()
  }

  private forgetOne (): void {
    let least: [path: string, worth: number] | undefined
    for (const [path, { worth }] of this.byPath) if (least === undefined || worth < least[1]) least = [path, worth]
    if (least !== undefined) this.byPath.delete(least[0])
  }
}
