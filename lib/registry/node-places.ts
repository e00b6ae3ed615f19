import type { Contract } from '../contract/contract'
import { describe, type ServiceDescriptor } from '../contract/descriptor'
import { byPathOf, type ContractsByPath } from '../contract/path'
import type { MeshNode } from './mesh-node'

/** Gives a remote service its path on this node; undefined for services that this node leaves out. */
export type Placement = (descriptor: ServiceDescriptor) => string | undefined

/** The paths of a node, each with the key that the node had when it was placed. */
type Places = ReadonlyMap<string, string>

const NONE: Places = new Map()

/**
 * On which paths of this node each other node hosts services. It remembers them: a function of the user may place a
 * service differently the next time, and what was placed has to be found again.
 */
export class NodePlaces {
  private readonly byNode = new Map<string, Map<string, string>>()

  /** @param placement - undefined where services have here the paths that they have there */
  constructor (private readonly placement: Placement | undefined) {}

  /** All services of a node by their paths here; undefined where a function of the user places each. */
  allOf ({ contracts }: MeshNode): ContractsByPath | undefined {
    return this.placement === undefined ? byPathOf(contracts) : undefined
  }

  /** The paths of all services of a node here. */
  pathsOf (node: MeshNode): readonly string[] {
    const all = this.allOf(node)
    return all === undefined ? node.contracts.flatMap(contract => this.askFor(node, contract) ?? []) : [...all.keys()]
  }

  /** Asks the function of the user where it places a service of a node; undefined where it is left out. */
  askFor (node: MeshNode, contract: Contract): string | undefined {
    return this.placement?.(describe(node, contract))
  }

  /** Whether a node hosts any service. */
  has (nodeId: string): boolean {
    return this.byNode.has(nodeId)
  }

  /** The paths on which a node hosts services; they may change while they are read. */
  of (nodeId: string): Places {
    const paths = this.byNode.get(nodeId)
    return paths === undefined ? NONE : new Map(paths)
  }

  /** A node hosts the service of a path. */
  add ({ id, key }: MeshNode, path: string): void {
    const paths = this.byNode.get(id)
    if (paths === undefined) this.byNode.set(id, new Map([[path, key]]))
    else paths.set(path, key)
  }

  /** A node does not host the service of a path any more. */
  delete (nodeId: string, path: string): void {
    const paths = this.byNode.get(nodeId)
    paths?.delete(path)
    if (paths?.size === 0) this.byNode.delete(nodeId)
  }
}
