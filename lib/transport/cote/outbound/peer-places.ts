import { RecentMap } from '../../../collections/recent-map'
import { placeOf } from '../addresses'
import type { RemoteComponent } from '../discovery/discovery'

/** How many places of a peer are remembered, beside the one in use: those that were heard last. */
const MAX_OTHERS = 4

/** Where a node listens. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** The place that a hello states. */
export function placeOfComponent ({ address, advertisement: { port = 0 } }: RemoteComponent): Place {
  return { address, port }
}

/** The same for people. */
export function placeTextOf (component: RemoteComponent): string {
  const { address, port } = placeOfComponent(component)
  return placeOf(address, port)
}

/**
 * The places at which a peer may be reached: a machine has several addresses, and may get others. One of them is in
 * use. Hellos from the others don't move a peer whose connection works.
 */
export class PeerPlaces {
  private others = new RecentMap<string, Place>(MAX_OTHERS)
  private turn = 0

  /** @param current - the place in use */
  constructor (public current: Place) {}

  /** Remembers a place, in case that the one in use fails. */
  remember (place: Place): void {
    if (!isSame(place, this.current)) this.others.set(textOf(place), place)
  }

  /** Uses a place; the one before is remembered. Returns whether it is another one. */
  use (place: Place): boolean {
    const before = this.current
    if (isSame(place, before)) return false
    this.others.delete(textOf(place))
    this.current = place
    this.remember(before)
    return true
  }

  /** The peer can't be reached at a place. Returns whether there is another one, which is used from now on. */
  fail (place: Place): boolean {
    this.others.delete(textOf(place))
    const latest = [...this.others.values()].at(-1)
    if (!isSame(place, this.current)) return true
    if (latest === undefined) return false
    this.others.delete(textOf(latest))
    this.current = latest
    return true
  }

  /** The place to try next while the peer is silent: each in turn. */
  next (): Place {
    const places = [...this.others.values(), this.current]
    return places[this.turn++ % places.length]
  }
}

function isSame (one: Place, other: Place): boolean {
  return one.address === other.address && one.port === other.port
}

function textOf ({ address, port }: Place): string {
  return placeOf(address, port)
}
