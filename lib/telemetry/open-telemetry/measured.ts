import { PEER, type Named } from './conventions'
import type { Outcomes } from './instruments'
import type { Attributes, OtelHistogram } from './otel-api'

/** The nodes whose attributes are kept, for each method. */
const MAX_KEPT_PEERS = 100

/** The calls of one method, or the listeners of one event: how their spans begin, and where durations are counted. */
export class Measured {
  readonly name: string
  /** Shared by all spans and durations: SDKs copy what they keep. */
  readonly attributes: Attributes
  private readonly byPeer = new Map<string, Attributes>()
  private readonly whenRight: Attributes

  /** @param hasStatus - whether their outcome has a status: that of listeners has none */
  constructor (
    named: Named, private readonly histogram: OtelHistogram, private readonly outcomes: Outcomes,
    readonly hasStatus: boolean
  ) {
    this.name = named.name
    this.attributes = Object.freeze(named.attributes)
    this.whenRight = this.attributesOf(undefined)
  }

  /** The attributes of a span, with the other node beside them. To make them takes a tenth of a short call. */
  attributesWith (peer: string | undefined): Attributes {
    if (peer === undefined) return this.attributes
    const known = this.byPeer.get(peer)
    if (known !== undefined) return known
    // Ids are what peers say.
    if (this.byPeer.size >= MAX_KEPT_PEERS) this.byPeer.clear()
    const made = Object.freeze({ ...this.attributes, [PEER]: peer })
    this.byPeer.set(peer, made)
    return made
  }

  /** One has ended. Returns the type of its error; undefined where there is none. */
  record (error: unknown, ms: number): string | undefined {
    const type = this.outcomes.typeOf(error)
    this.histogram.record(ms / 1_000, type === undefined ? this.whenRight : this.attributesOf(type))
    return type
  }

  private attributesOf (type: string | undefined): Attributes {
    const { outcomes, attributes, hasStatus } = this
    return hasStatus ? outcomes.ofCall(attributes, type) : outcomes.ofEvent(attributes, type)
  }
}
