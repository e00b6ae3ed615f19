import { NameCounts } from '../../../collections/name-counts'
import { contain } from '../../boundary'
import type { OnRejected } from '../../rejections'
import type { CotePeer } from './cote-peer'
import { placeOf } from '../addresses'
import { NeededCheck } from '../needed-check'
import { Places } from './places'

/** A node that a hello announced, and that has told nothing yet. */
export interface Newcomer {
  readonly id: string
  readonly address: string
  /** The port that it listens on, where it has a single one: then one node alone can be there. */
  readonly port?: number
  /** Connects to it. */
  readonly start: () => CotePeer
}

/** What {@link Newcomers} needs of its node. */
export interface NewcomersOptions {
  readonly onRejected: OnRejected
  /** The next hello of a node is that of a newcomer again. */
  readonly forget: (id: string) => void
}

/** Newcomers that are asked at a time. Each takes a connection: hellos must not use up the descriptors of a process. */
const MAX_ASKED = 256
/** Newcomers that wait until others have answered; and those of them that name one place. */
const MAX_WAITING = 1_000
const MAX_WAITING_AT_PLACE = 4
/** Newcomers of one address that are to be asked and are not dialled yet: others may give the lists that they offer. */
const MAX_UNDIALLED_AT_ADDRESS = 64
/** Time in which a newcomer has to answer; that which it is left while others wait, and while others name its place. */
const ANSWER_TIMEOUT_MS = 30_000
const PATIENCE_MS = 250
const PATIENCE_AT_PLACE_MS = 2_500
/** Milliseconds from one look at those that wait to the next. */
const TURN_MS = 100

interface Asked {
  readonly address: string
  readonly place: string | undefined
  readonly since: number
  /** When it was dialled first: until then nothing can come of it. */
  dialledAt?: number
  peer?: CotePeer
  /** Whether its peer is told to leave, so that others are asked. */
  givesWay?: boolean
}

/**
 * Nodes that were announced and have not answered yet. Hellos are not proof: a mesh without a secret hears them from
 * anybody. So few newcomers are asked at a time, one at each place, and those that don't answer give way. Nodes that
 * have answered are no newcomers, and their connections never wait.
 */
export class Newcomers {
  private readonly asked = new Map<string, Asked>()
  private readonly waiting = new Map<string, Newcomer>()
  /** How many of those that wait name a place. */
  private readonly waitingAt = new NameCounts()
  /** How many of those that are not dialled yet come from an address. */
  private readonly undialledAt = new NameCounts()
  private readonly busyPlaces = new Map<string, string>()
  private readonly places = new Places()
  private readonly turns = new NeededCheck(() => this.turn(), TURN_MS)
  private stopped = false

  /** @param maxAsked - how many are asked at a time */
  constructor (private readonly options: NewcomersOptions, private readonly maxAsked = MAX_ASKED) {}

  /** How many are asked now, and how many wait. */
  get size (): { readonly asked: number, readonly waiting: number } {
    return { asked: this.asked.size, waiting: this.waiting.size }
  }

  /** A hello announced a node that is not known. It is asked at once if there is room. */
  meet (newcomer: Newcomer): void {
    const { id } = newcomer
    if (this.stopped || this.asked.has(id)) return
    const before = this.waiting.get(id)
    if (before !== undefined) {
      // It keeps its turn.
      this.waitingAt.remove(placesOf(before))
      this.addWaiting(newcomer)
    } else if (this.mayStart(newcomer)) this.start(newcomer)
    else this.wait(newcomer)
  }

  /** A node is dialled: from now on it has to answer. */
  dialled (id: string): void {
    const asked = this.asked.get(id)
    if (asked === undefined || asked.dialledAt !== undefined) return
    asked.dialledAt = performance.now()
    this.undialledAt.remove([asked.address])
  }

  /** A node has answered at a place. */
  answered (id: string, address: string, port: number): void {
    if (port > 0) this.places.found(placeOf(address, port), id)
    this.joined(id)
  }

  /** What a node offers is known, and it need not be asked. */
  joined (id: string): void {
    if (this.release(id)) this.startWaiting()
  }

  /** Another node answered where a newcomer should have been. */
  answeredByOther (id: string, other: string): void {
    const { place } = this.asked.get(id) ?? {}
    if (place !== undefined) this.places.answeredBy(place, other)
  }

  /** A node has left; nothing came of it if it had not answered. Returns whether it only gave way to others. */
  left (id: string): boolean {
    const { place, dialledAt, givesWay = false } = this.asked.get(id) ?? {}
    if (place !== undefined && dialledAt !== undefined) this.places.failed(place)
    if (this.release(id)) queueMicrotask(() => this.startWaiting())
    return givesWay
  }

  /** The process has no more sockets: the older half of those that were dialled and have not answered gives way. */
  giveWay (): void {
    const dialled = [...this.asked].filter(([, { dialledAt }]) => dialledAt !== undefined)
    for (const [id] of dialled.slice(0, Math.ceil(dialled.length / 2))) this.dismiss(id)
  }

  /** Nobody is asked any more. */
  stop (): void {
    this.stopped = true
    this.turns.end()
    this.waiting.clear()
    this.waitingAt.clear()
  }

  private mayStart (newcomer: Newcomer): boolean {
    const place = whereIs(newcomer)
    if (this.asked.size >= this.maxAsked) return false
    if (this.undialledAt.of(newcomer.address) >= MAX_UNDIALLED_AT_ADDRESS) return false
    return place === undefined || !this.busyPlaces.has(place) && this.places.mayTry(place, newcomer.id)
  }

  private start (newcomer: Newcomer): void {
    const { id, address, start } = newcomer
    const place = whereIs(newcomer)
    const asked: Asked = { address, place, since: performance.now() }
    this.asked.set(id, asked)
    this.undialledAt.add([address])
    if (place !== undefined) this.busyPlaces.set(place, id)
    this.turns.begin()
    contain((...rejection) => {
      this.options.onRejected(...rejection)
      this.dismiss(id)
    }, address, () => { asked.peer = start() })
  }

  private wait (newcomer: Newcomer): void {
    const { id, address } = newcomer
    const place = whereIs(newcomer)
    const { onRejected, forget } = this.options
    if (place !== undefined && this.waitingAt.of(place) >= MAX_WAITING_AT_PLACE) {
      onRejected('crowdedOut', address)
      return forget(id)
    }
    if (this.waiting.size >= MAX_WAITING) this.dropOldest()
    this.addWaiting(newcomer)
    this.turns.begin()
  }

  private addWaiting (newcomer: Newcomer): void {
    this.waiting.set(newcomer.id, newcomer)
    this.waitingAt.add(placesOf(newcomer))
  }

  private deleteWaiting (id: string): void {
    const newcomer = this.waiting.get(id)
    if (newcomer === undefined) return
    this.waiting.delete(id)
    this.waitingAt.remove(placesOf(newcomer))
  }

  private dropOldest (): void {
    for (const { id, address } of this.waiting.values()) {
      this.deleteWaiting(id)
      this.options.onRejected('crowdedOut', address)
      return this.options.forget(id)
    }
  }

  /** Returns whether there are any newcomers left. */
  private turn (): boolean {
    const now = performance.now()
    let needed = this.asked.size >= this.maxAsked ? this.waiting.size : 0
    for (const [id, asked] of this.asked) {
      const isLate = now - (asked.dialledAt ?? now) > PATIENCE_MS && needed-- > 0
      if (isLate || this.isOverdue(asked, now)) this.dismiss(id)
    }
    this.startWaiting()
    return this.asked.size > 0 || this.waiting.size > 0
  }

  /** Whether a newcomer has had its time, however much room there is. */
  private isOverdue ({ since, dialledAt, place }: Asked, now: number): boolean {
    // Nodes of feathers-distributed may have nothing to tell.
    if (place === undefined) return false
    // One that is never dialled gives way only to others.
    const from = dialledAt ?? (this.waiting.size > 0 ? since : now)
    const isWaitedFor = dialledAt !== undefined && this.waitingAt.of(place) > 0
    return now - from > (isWaitedFor ? PATIENCE_AT_PLACE_MS : ANSWER_TIMEOUT_MS)
  }

  private startWaiting (): void {
    for (const newcomer of this.waiting.values()) {
      if (this.stopped || this.asked.size >= this.maxAsked) return
      if (!this.mayStart(newcomer)) continue
      this.deleteWaiting(newcomer.id)
      this.start(newcomer)
    }
  }

  /** One that has not answered is given up; its next hello is that of a newcomer. */
  private dismiss (id: string): void {
    const asked = this.asked.get(id)
    if (asked === undefined) return
    const { peer, address } = asked
    this.options.onRejected('crowdedOut', address)
    asked.givesWay = true
    contain(this.options.onRejected, address, () => peer?.leave('silent'))
    peer?.destroy()
    if (this.release(id)) this.options.forget(id)
  }

  private release (id: string): boolean {
    const asked = this.asked.get(id)
    if (asked === undefined) return false
    const { place, address, dialledAt } = asked
    if (place !== undefined && this.busyPlaces.get(place) === id) this.busyPlaces.delete(place)
    if (dialledAt === undefined) this.undialledAt.remove([address])
    return this.asked.delete(id)
  }
}

/** Where a newcomer alone can be. */
function whereIs ({ address, port }: Newcomer): string | undefined {
  return port === undefined ? undefined : placeOf(address, port)
}

/** The same as a list, which is empty where others may be there as well. */
function placesOf (newcomer: Newcomer): string[] {
  return [whereIs(newcomer)].filter(place => place !== undefined)
}
