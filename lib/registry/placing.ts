import type { Contract } from '../contract/contract'
import type { MeshNode } from './mesh-node'
import type { NodePlaces } from './node-places'
import type { Steps } from './turns'

/** A service takes as long as some of its methods. */
const WORK_OF_A_SERVICE = 4
/** How many times as long placing takes as finding the place, or as removing. */
export const TIMES_AS_LONG = 10

/** A path, with the key that a node had when it was placed there. */
type Place = readonly [path: string, key: string]

const NONE: readonly Place[] = []

/** What is done with the replicas of services, by their paths on this node. */
export interface Replicas {
  /** Adds that of a node. */
  readonly add: (path: string, node: MeshNode, contract: Contract) => void
  /** Removes that of a node. Returns how much work that was. */
  readonly remove: (path: string, key: string, nodeId: string) => number
}

/** How much work it is to remove a service; to place it takes longer. */
export function workOf ({ methods, events }: Contract): number {
  return WORK_OF_A_SERVICE + methods.length + events.length
}

/**
 * Places what a node offers, a step for each service, and removes what it does not offer any more.
 *
 * No generator: all nodes that start together place all services of each other, mostly in code that runs cold.
 */
export class Placing implements Steps {
  /** What it offers by paths of this node; undefined while places are looked for. */
  private offered: ReadonlyMap<string, Contract> | undefined
  private readonly found = new Map<string, Contract>()
  private at = 0
  /** The paths that it has no more, with the keys that it had there. */
  private gone: Iterator<Place> | undefined
  private toAdd: Iterator<[string, Contract]> | undefined

  constructor (
    private readonly node: MeshNode, private readonly places: NodePlaces, private readonly replicas: Replicas
  ) {
    this.offered = places.allOf(node)
  }

  next (): number | undefined {
    const { offered, toAdd } = this
    if (toAdd !== undefined) return this.add(toAdd)
    return offered === undefined ? this.find() : this.remove(offered)
  }

  /** Finds a place for the next service. Of two services at one path, the last one counts. */
  private find (): number | undefined {
    const contract = this.node.contracts[this.at++]
    if (contract === undefined) {
      this.offered = this.found
      return this.remove(this.found)
    }
    const path = this.places.askFor(this.node, contract)
    if (path !== undefined) this.found.set(path, contract)
    return workOf(contract)
  }

  /** Removes the next service that is gone. When all are, the first of those that are there is added. */
  private remove (offered: ReadonlyMap<string, Contract>): number | undefined {
    const { node, places, replicas } = this
    this.gone ??= this.findGone(offered)[Symbol.iterator]()
    const place = this.gone.next()
    if (place.done === true) {
      this.toAdd = offered.entries()
      return this.add(this.toAdd)
    }
    const [path, key] = place.value
    places.delete(node.id, path)
    return replicas.remove(path, key, node.id)
  }

  private findGone (offered: ReadonlyMap<string, Contract>): readonly Place[] {
    const { node: { id, key }, places } = this
    if (!places.has(id)) return NONE
    return [...places.of(id)].filter(([path, placedKey]) => placedKey !== key || !offered.has(path))
  }

  private add (toAdd: Iterator<[string, Contract]>): number | undefined {
    const { node } = this
    const next = toAdd.next()
    if (next.done === true) return undefined
    const [path, contract] = next.value
    // First: a listener may make the node leave at once.
    this.places.add(node, path)
    this.replicas.add(path, node, contract)
    return workOf(contract) * TIMES_AS_LONG
  }
}
