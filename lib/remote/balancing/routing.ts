/** A replica that may take a call, with the figures that this node has of it. */
export interface Replica {
  /** The id of its node. */
  readonly id: string
  /** The partition of its node. */
  readonly key: string
  /** Calls of this node to it under way. */
  readonly pending: number
  /** Moving average of the time that its replies take, in milliseconds; 0 until the first one. */
  readonly latency: number
}

/** The call that a routing function chooses for. */
export interface RoutedCall {
  readonly path: string
  readonly method: string
}

/** Chooses one of several replicas and returns it, or its id. */
export type RoutingFunction = (replicas: readonly Replica[], call: RoutedCall) => Replica | string

/** The ways to choose that have a name. */
export const ROUTINGS = ['leastPending', 'roundRobin', 'fastest'] as const

/** How a node chooses among the replicas of a service. */
export type Routing = typeof ROUTINGS[number] | RoutingFunction

/** The replica for which a value is lowest; among equals the first from `start` on. */
export function lowest<T> (replicas: readonly T[], start: number, value: (replica: T) => number): T | undefined {
  let best: T | undefined
  let least = Infinity
  for (let n = 0; n < replicas.length; n++) {
    const replica = replicas[(start + n) % replicas.length] // the index is within the list
    const own = value(replica)
    if (own >= least) continue
    least = own
    best = replica
  }
  return best
}

/** The parameters of FNV-1a, by which texts are hashed: the same in every process. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** A whole number of 32 bits for a text. */
export function hashOf (text: string): number {
  let hash = FNV_OFFSET
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), FNV_PRIME)
  return mixed(hash)
}

/**
 * The weight of a node for a key, both as {@link hashOf} gives them, by rendezvous hashing. The node with the highest
 * weight takes the key, so only the keys of a node that leaves move to others.
 */
export function weightOf (keyHash: number, nodeHash: number): number {
  return mixed(Math.imul(keyHash, FNV_PRIME) ^ nodeHash)
}

/** Spreads the bits of a number: those that differ little go far apart. The steps are those that end MurmurHash3. */
function mixed (bits: number): number {
  let hash = bits ^ bits >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ hash >>> 16) >>> 0
}
