import { isThisMachine } from '../../../ip-address'
import { placeOf } from '../../addresses'
import type { Look, Medium, NodePlace, PacketWay, PlaceWay, WayContext } from '../way'
import { within } from '../../../drain'
import { Candidate } from './candidate'
import { MAX_PACKET_BYTES, type DialPlace } from './hello-link'
import type { Visits } from './visits'

/** Places that are known at a time, and those of them that are dialled at a time. */
const MAX_PLACES = 2_000
const MAX_DIALLED = 64
/** The longest pause between two tries at first: this one, or more where there are many places. */
const SHORT_PAUSE_MS = 250
const PAUSE_PER_PLACE_MS = 10
/** Time in which what was said last has to leave. */
const CLOSE_MS = 500

/** What {@link PlacesWay} needs of its node. */
export interface PlacesOptions {
  /** The ways that know places. */
  readonly ways: readonly PlaceWay[]
  readonly dial: DialPlace
  /** The nodes that ask this one. */
  readonly visits: Visits
  /** The id of this node. */
  readonly id: string
  /** Whether all that ask have proven that they belong to the mesh. */
  readonly isClosed: boolean
  /** Whether it makes no connection beyond this machine. */
  readonly staysHere: boolean
  /** Tells why nobody was found at a place or by a name, the end of a sentence; undefined where somebody was. */
  readonly onFailure: (place: string, reason: string | undefined) => void
  /** After this time without a word a connection is given up. */
  readonly silentMs: number
}

/** Finds nodes by asking at places over TCP, which any number of ways may know: they are one way for hellos. */
export class PlacesWay implements PacketWay {
  readonly isBroker = false
  readonly isConnected = true
  readonly hosts: readonly string[] = []

  constructor (private readonly options: PlacesOptions) {}

  title (port: number): string {
    return this.options.ways.map(way => way.title(port)).join(' and ')
  }

  async open (context: WayContext): Promise<Medium> {
    return new AskedPlaces(this.options, context)
  }
}

/** Connections to the nodes at places that ways know, and the places where no node answers yet. */
class AskedPlaces implements Medium {
  readonly isConnected = true
  readonly isUp = true
  readonly maxBytes = MAX_PACKET_BYTES
  private readonly candidates = new Map<string, Candidate>()
  /** Those that are connected, by what {@link keyOf} gives. */
  private readonly connected = new Map<string, Candidate>()
  private readonly waiting = new Set<Candidate>()
  private readonly dialled = new Set<Candidate>()
  /** What was not dialled, and was told, as it is beyond this machine. */
  private readonly distant = new Set<string>()
  private readonly named: Array<ReadonlySet<string>> = []
  private readonly looks: readonly Look[]

  constructor (private readonly options: PlacesOptions, private readonly context: WayContext) {
    const { visits, ways } = options
    const { onRejected, log } = context
    visits.watch({ onCame: node => this.onVisitor(node), onLeft: node => this.lookAgain(node) })
    this.looks = ways.map((way, number) => {
      const { onFailure } = options
      return way.look({ onRejected, log, onFailure, onPlaces: places => this.onPlaces(number, places) })
    })
  }

  async send (packet: Buffer): Promise<'too long' | undefined> {
    if (packet.length > MAX_PACKET_BYTES) return 'too long'
    const hello = packet.toString('utf8')
    for (const candidate of this.connected.values()) candidate.say(hello, this.options.silentMs)
    return undefined
  }

  async close (): Promise<void> {
    for (const look of this.looks) look.stop()
    const all = [...this.candidates.values()]
    this.candidates.clear()
    this.waiting.clear()
    await within(CLOSE_MS, Promise.all(all.map(async candidate => await candidate.stop())))
  }

  private onPlaces (number: number, places: readonly NodePlace[]): void {
    this.named[number] = new Set(places.map(({ host, port }) => placeOf(host, port)))
    for (const place of places) if (this.mayDial(place)) this.add(place)
    for (const [text, candidate] of this.candidates) candidate.name(this.named.some(texts => texts?.has(text)))
  }

  private mayDial ({ host }: NodePlace): boolean {
    if (!this.options.staysHere || isThisMachine(host)) return true
    if (!this.distant.has(host) && this.distant.size < MAX_PLACES) {
      this.distant.add(host)
      this.context.onRejected('distantPlace', host)
    }
    return false
  }

  private add (place: NodePlace): void {
    const { candidates, options: { dial, onFailure }, context: { onRejected, receive } } = this
    const text = placeOf(place.host, place.port)
    if (candidates.has(text)) return
    if (candidates.size >= MAX_PLACES) return onRejected('tooManyPlaces', text)
    candidates.set(text, new Candidate(place, {
      dial,
      queue: candidate => {
        this.waiting.add(candidate)
        this.dialNext()
      },
      onDialled: candidate => {
        if (this.dialled.delete(candidate)) this.dialNext()
      },
      onNode: (candidate, id, address) => this.onNode(candidate, id, address),
      onHellos: (hellos, address) => {
        for (const hello of hellos) receive(Buffer.from(hello), address)
      },
      onLost: (candidate, node) => this.onLost(candidate, node),
      shortPauseMs: () => Math.max(SHORT_PAUSE_MS, PAUSE_PER_PLACE_MS * candidates.size),
      onFailure: (_candidate, reason) => onFailure(text, reason),
      onForgotten: () => {
        candidates.delete(text)
        onFailure(text, undefined)
      }
    }))
  }

  private dialNext (): void {
    for (const candidate of this.waiting) {
      if (this.dialled.size >= MAX_DIALLED) return
      this.waiting.delete(candidate)
      this.dialled.add(candidate)
      candidate.dial()
    }
  }

  private onNode (candidate: Candidate, id: string, address: string): readonly Buffer[] | 'itself' | 'known' {
    const { options, connected, context } = this
    const key = this.keyOf(candidate, id)
    if (id === options.id) return 'itself'
    if (connected.has(key) || this.isVisitedBy(id, address)) return 'known'
    connected.set(key, candidate)
    return context.hellos()
  }

  /**
   * Names the node of a place. In an open mesh anybody may say that it is that node, and would keep it out: there, it
   * takes the connections of no other place.
   */
  private keyOf ({ address, place: { port } }: Candidate, id: string): string {
    return this.options.isClosed ? id : `${placeOf(address, port)} ${id}`
  }

  /**
   * Of two nodes that ask each other, the one whose id comes first leaves the connection to the other. In an open mesh
   * anybody may say that it is that node, so it has to come from where the node is.
   */
  private isVisitedBy (id: string, address: string): boolean {
    const { id: own, visits, isClosed } = this.options
    return own < id && visits.has(id, isClosed ? undefined : address)
  }

  private onVisitor (id: string): void {
    for (const [key, candidate] of this.connected) {
      if (candidate.node !== id || !this.isVisitedBy(id, candidate.address)) continue
      this.connected.delete(key)
      candidate.rest()
    }
  }

  private onLost (candidate: Candidate, node: string): void {
    this.connected.delete(this.keyOf(candidate, node))
    this.lookAgain(node)
  }

  /** A node is reached no more by a connection, whoever dialled it: perhaps by another one, or at another place. */
  private lookAgain (node: string): void {
    for (const candidate of this.candidates.values()) if (candidate.node === node) candidate.wake()
    for (const look of this.looks) look.again()
  }
}
