import { createHash } from 'node:crypto'

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

/**
 * The weight of a node for a key, by rendezvous hashing. The node with the highest weight takes the key, so only the
 * keys of a node that leaves move to others.
 */
export function affinityOf (key: string, nodeId: string): number {
  return createHash('sha1').update(nodeId).update('\0').update(key).digest().readUIntBE(0, 6)
}
