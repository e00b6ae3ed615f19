import type { Mesh } from '../feathers/mesh'
import { printable } from '../printable'
import type { MeshNode } from '../registry/mesh-node'
import type { UnreachablePeer } from '../transport/transport'

/** A service of the mesh, and the nodes that host it. */
export interface ServiceInfo {
  readonly path: string
  readonly key: string
  readonly methods: readonly string[]
  readonly events: readonly string[]
  /** The ids of the nodes that host it. */
  readonly nodes: readonly string[]
  /** Whether this node is one of them. */
  readonly local: boolean
}

/** A node of the mesh. */
export interface NodeInfo {
  readonly id: string
  /** What people call it; undefined where it does not say. */
  readonly name?: string
  readonly key: string
  /** The paths of the services that it offers. */
  readonly services: readonly string[]
  /** Whether it is this node. */
  readonly local: boolean
}

/** A node that was heard and is not on the mesh for this node. What such a node says of itself is not proven. */
export type UnreachableNode = UnreachablePeer

/** The nodes that are on the mesh, this one first. */
export function reachedNodes ({ id, name, key, registry }: Mesh): NodeInfo[] {
  const info = ({ id, name, key, contracts }: MeshNode, local: boolean): NodeInfo =>
    ({ id, ...name === undefined ? {} : { name }, key, services: contracts.map(({ path }) => path), local })
  const own = info({ id, name, key, contracts: registry.contracts }, true)
  return [own, ...registry.nodes.map(node => info(node, false))]
}

/** The nodes that were heard and are not on the mesh, and why. */
export function unreachableNodes ({ unreachable }: Mesh): UnreachableNode[] {
  return unreachable.map(({ address, reason, ...peer }) => ({ ...peer, address, reason: printable(reason) }))
}

/** The services that a node can call, by their paths there. */
export function callableServices ({ id, key, registry }: Mesh): ServiceInfo[] {
  const local = registry.contracts.map(({ path, methods, events }): ServiceInfo =>
    ({ path, key, methods: methods.map(({ name }) => name), events, nodes: [id], local: true }))
  const remote = registry.services
    .filter(({ path }) => registry.contract(path) === undefined)
    .map((entry): ServiceInfo => ({
      path: entry.path,
      key: entry.key,
      methods: entry.methods,
      events: entry.events,
      nodes: entry.hosts.map(({ node }) => node.id),
      local: false
    }))
  return [...local, ...remote]
}
