import type { Host } from './mesh-node'

/** The replicas of a service by the ids of their nodes. Most services of a large mesh have one, which takes no map. */
export class HostList {
  private only: Host | undefined
  private byNode: Map<string, Host> | undefined

  /** How many replicas there are. */
  get size (): number {
    return this.byNode?.size ?? (this.only === undefined ? 0 : 1)
  }

  /** The only replica, until a second one comes. */
  get sole (): Host | undefined {
    return this.only
  }

  /** All replicas, in the order in which their nodes came. */
  get all (): readonly Host[] {
    if (this.byNode !== undefined) return [...this.byNode.values()]
    return this.only === undefined ? [] : [this.only]
  }

  /** The ids of their nodes, in the same order: a list of the caller's own. */
  get ids (): string[] {
    if (this.byNode !== undefined) return [...this.byNode.keys()]
    return this.only === undefined ? [] : [this.only.node.id]
  }

  /** The first replica of which something holds. */
  find (holds: (host: Host) => boolean): Host | undefined {
    if (this.byNode === undefined) return this.only !== undefined && holds(this.only) ? this.only : undefined
    for (const host of this.byNode.values()) if (holds(host)) return host
    return undefined
  }

  /** The replica of a node. */
  of (nodeId: string): Host | undefined {
    if (this.byNode !== undefined) return this.byNode.get(nodeId)
    return this.only?.node.id === nodeId ? this.only : undefined
  }

  /** Adds a replica, or one in place of that which its node had. */
  set (host: Host): void {
    const { id } = host.node
    if (this.byNode !== undefined) {
      this.byNode.set(id, host)
    } else if (this.only === undefined || this.only.node.id === id) {
      this.only = host
    } else {
      this.byNode = new Map([[this.only.node.id, this.only], [id, host]])
      this.only = undefined
    }
  }

  /** Removes the replica of a node. */
  delete (nodeId: string): void {
    this.byNode?.delete(nodeId)
    if (this.only?.node.id === nodeId) this.only = undefined
  }
}
