import type { Mesh } from '../feathers/mesh'
import { printable } from '../printable'
import type { MeshNode } from '../registry/mesh-node'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
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
  const nodes = [infoOf({ id, name, key, contracts: registry.contracts }, true)]
  for (const node of registry.nodes) nodes.push(infoOf(node, false))
  return nodes
}

/** Callers may do what they want with it. */
function infoOf ({ id, name, key, contracts }: MeshNode, local: boolean): NodeInfo {
  const services = [...pathsOf(contracts)]
  return name === undefined ? { id, key, services, local } : { id, name, key, services, local }
}

/** Programs that wait for services ask again and again, and nobody changes the list of a node. */
const paths = new WeakMap<MeshNode['contracts'], readonly string[]>()

function pathsOf (contracts: MeshNode['contracts']): readonly string[] {
  let found = paths.get(contracts)
  if (found === undefined) {
    found = contracts.map(({ path }) => path)
    paths.set(contracts, found)
  }
  return found
}

/** The nodes that were heard and are not on the mesh, and why. */
export function unreachableNodes ({ unreachable }: Mesh): UnreachableNode[] {
  return unreachable.map(({ address, reason, ...peer }) => ({ ...peer, address, reason: printable(reason) }))
}

/** The services that a node can call, by their paths there. */
export function callableServices ({ id, key, registry }: Mesh): ServiceInfo[] {
  const services = registry.contracts.map(({ path, methods, events }): ServiceInfo =>
    ({ path, key, methods: methods.map(({ name }) => name), events: [...events], nodes: [id], local: true }))
  for (const entry of registry.services) {
    if (registry.contract(entry.path) === undefined) services.push(remoteInfo(entry))
  }
  return services
}

/** Callers may do what they want with it: other services share the lists of an entry. */
function remoteInfo (entry: RemoteServiceEntry): ServiceInfo {
  const { path, key } = entry
  return { path, key, methods: [...entry.methods], events: [...entry.events], nodes: entry.hostIds, local: false }
}
