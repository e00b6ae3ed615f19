import { RecentMap } from '../../../collections/recent-map'

/** The most places that are remembered: hellos may name any number. */
const MAX_PLACES = 1_000
/** So often a place may fail without a pause: nodes come and go. */
const FREE_FAILURES = 3
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 5_000

interface Failures {
  readonly count: number
  /** When it is tried again at the earliest, on the clock of `performance.now()`. */
  readonly notBefore: number
}

/** Addresses with ports that hellos name, and whether a node was found there. */
export class Places {
  private readonly failures = new RecentMap<string, Failures>(MAX_PLACES)
  private readonly residents = new RecentMap<string, string>(MAX_PLACES)

  /** Whether a node may be looked for at a place now. */
  mayTry (place: string, id: string): boolean {
    if (this.residents.get(place) === id) return true
    return performance.now() >= (this.failures.get(place)?.notBefore ?? 0)
  }

  /** Nothing at a place has shown that it is a node, or it was another one. */
  failed (place: string): void {
    const { count = 0 } = this.failures.get(place) ?? {}
    const pauseMs = count < FREE_FAILURES ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - FREE_FAILURES))
    this.failures.set(place, { count: Math.min(count + 1, 32), notBefore: performance.now() + pauseMs })
  }

  /** A node was found at a place. */
  found (place: string, id: string): void {
    this.residents.set(place, id)
    this.failures.delete(place)
  }

  /** A node answered at a place, and not the one that was looked for there. */
  answeredBy (place: string, id: string): void {
    this.residents.set(place, id)
  }
}
