import { RecentMap } from '../../collections/recent-map'
import type { Peer } from '../transport'
import type { PeerProof } from '../siblings'

/** How many nodes that left are remembered, the last ones: what they had proven, and by what they may still send. */
const MAX_GONE = 1_000

/** How much each proof is worth. */
const WORTH: Readonly<Record<PeerProof, number>> = { nothing: 0, secret: 1, key: 2 }

/** A node, and the transports by which it is reached: by their places, those first that are preferred. */
class KnownNode {
  readonly peers: Array<Peer | undefined> = []

  constructor (readonly key: string, readonly worth: number) {}

  /** The transports by which it is reached. */
  get places (): readonly number[] {
    return [...this.peers.keys()].filter(place => this.peers[place] !== undefined)
  }

  /** Those that take requests: one by which the node has never answered does so only if it has answered by no other. */
  get callable (): readonly number[] {
    const { places } = this
    const proven = places.filter(place => this.peers[place]?.isUnproven !== true)
    return proven.length > 0 ? proven : places
  }

  /** What the transport tells of it that is preferred. */
  get merged (): Peer | undefined {
    const [place] = this.callable
    return place === undefined ? undefined : this.peers[place]
  }
}

/** The nodes that the transports of one node reach, and what is true of each whichever transport tells it. */
export class KnownNodes {
  private readonly nodes = new Map<string, KnownNode>()
  /** The transports by which something may still come of a node that has left them. */
  private readonly ending = new RecentMap<string, Set<number>>(MAX_GONE)
  /** What the nodes that left had proven: nobody who proves less can come in their place. */
  private readonly gone = new RecentMap<string, number>(MAX_GONE)

  /** @param proofs - what peers prove to each transport */
  constructor (private readonly proofs: readonly PeerProof[]) {}

  /** Whether a transport reaches the node that has an id, and not somebody who only says so. */
  isReached (id: string, place: number): boolean {
    return this.nodes.get(id)?.peers[place] !== undefined
  }

  /** The transports by which a node takes requests, those first that are preferred. */
  callable (id: string): readonly number[] {
    return this.nodes.get(id)?.callable ?? []
  }

  /** Those by which it is reached. */
  placesOf (id: string): readonly number[] {
    return this.nodes.get(id)?.places ?? []
  }

  /** What is known of a node; undefined where it has left. */
  get (id: string): Peer | undefined {
    return this.nodes.get(id)?.merged
  }

  /**
   * A transport reaches a peer, or the peer offers something else.
   *
   * @returns whether it is the node that has the id: it has another key otherwise, or has proven less than that node
   */
  join (peer: Peer, place: number): boolean {
    const { id, key } = peer
    const worth = WORTH[this.proofs[place] ?? 'nothing']
    const known = this.nodes.get(id)
    if (worth < Math.max(known?.worth ?? 0, this.gone.get(id) ?? 0)) return false
    if (known !== undefined && worth === known.worth && key !== known.key) return false
    const node = known?.worth === worth ? known : new KnownNode(key, worth)
    this.nodes.set(id, node)
    node.peers[place] = peer
    this.ending.get(id)?.delete(place)
    return true
  }

  /** A transport reaches a peer no more. @returns whether it did */
  leave (id: string, place: number): boolean {
    const node = this.nodes.get(id)
    if (node?.peers[place] === undefined) return false
    node.peers[place] = undefined
    this.ending.set(id, (this.ending.get(id) ?? new Set()).add(place))
    if (node.places.length > 0) return true
    this.nodes.delete(id)
    if (node.worth > 0) this.gone.set(id, node.worth)
    return true
  }

  /** Nothing more comes of a peer by a transport. @returns whether nothing comes by any other one either */
  end (id: string, place: number): boolean {
    const ending = this.ending.get(id)
    ending?.delete(place)
    if (this.nodes.has(id) || (ending !== undefined && ending.size > 0)) return false
    this.ending.delete(id)
    return true
  }
}
