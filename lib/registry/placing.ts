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
  /** Where in the lists below each path is. */
  private readonly byPath = new Map<string, number>()
  private readonly paths: string[] = []
  private readonly contracts: Contract[] = []
  /** The paths that it has no more, with the keys that it had there; undefined while places are looked for. */
  private gone: readonly Place[] | undefined
  private at = 0

  constructor (
    private readonly node: MeshNode, private readonly places: NodePlaces, private readonly replicas: Replicas
  ) {}

  next (): number | undefined {
    return this.gone === undefined ? this.find() : this.follow(this.gone)
  }

  /** Finds a place for the next service. */
  private find (): number | undefined {
    const contract = this.node.contracts[this.at]
    if (contract === undefined) {
      this.at = 0
      this.gone = this.findGone()
      return this.follow(this.gone)
    }
    this.at++
    const path = this.places.pathOf(this.node, contract)
    if (path !== undefined) this.add(path, contract)
    return workOf(contract)
  }

  /** Of two services at one path, the last one counts. */
  private add (path: string, contract: Contract): void {
    const before = this.byPath.get(path)
    if (before !== undefined) {
      this.contracts[before] = contract
      return
    }
    this.byPath.set(path, this.paths.length)
    this.paths.push(path)
    this.contracts.push(contract)
  }

  private findGone (): readonly Place[] {
    const { id, key } = this.node
    if (!this.places.has(id)) return NONE
    return [...this.places.of(id)].filter(([path, placedKey]) => placedKey !== key || !this.byPath.has(path))
  }

  /** Removes all that is gone, and then places all that is there. */
  private follow (gone: readonly Place[]): number | undefined {
    const { node, at } = this
    this.at++
    const left = gone[at]
    if (left !== undefined) {
      const [path, key] = left
      this.places.delete(node.id, path)
      return this.replicas.remove(path, key, node.id)
    }
    const path = this.paths[at - gone.length]
    const contract = this.contracts[at - gone.length]
    if (path === undefined || contract === undefined) return undefined
    // First: a listener may make the node leave at once.
    this.places.add(node, path)
    this.replicas.add(path, node, contract)
    return workOf(contract) * TIMES_AS_LONG
  }
}
