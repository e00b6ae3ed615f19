import type { Access } from '../contract/access'
import type { Contract } from '../contract/contract'
import { describe, type ServiceDescriptor } from '../contract/descriptor'
import { TypedEmitter } from '../typed-emitter'
import { LastSeenServices, type LastSeen } from './last-seen'
import type { MeshNode } from './mesh-node'
import { RemoteServiceEntry, type Eligibility } from './remote-service-entry'

/** A service that this node offers, and the nodes that may call it. */
export interface Hosted {
  readonly contract: Contract
  /** Undefined where all nodes may. */
  readonly access: Access | undefined
}

/** The changes that a {@link Registry} announces. */
export interface RegistryEvents {
  /** A node left. */
  'node-removed': [node: MeshNode]
  /** A service has its first host. */
  'service': [entry: RemoteServiceEntry]
  /** The hosts of a service, or what they offer, are no longer the same. */
  'service-changed': [entry: RemoteServiceEntry]
  /** A service lost its last host. */
  'service-removed': [entry: RemoteServiceEntry]
}

/** Gives a remote service its path on this node; undefined for services that this node leaves out. */
export type Placement = (descriptor: ServiceDescriptor) => string | undefined

/**
 * Contracts x nodes: what this node offers, the other nodes of the mesh, and what each of them hosts. It announces each
 * change.
 *
 * Nodes of one key are replicas of each other. A path belongs to one key at a time, the first that joined with it.
 */
export class Registry extends TypedEmitter<RegistryEvents> {
  private readonly hosted = new Map<string, Hosted>()
  private readonly known = new Map<string, MeshNode>()
  /** By local path, then by key: the first key is the one in use. */
  private readonly entries = new Map<string, Map<string, RemoteServiceEntry>>()
  /** The entries in use, by local path: each call reads them. */
  private readonly inUse = new Map<string, RemoteServiceEntry>()
  private readonly seen = new LastSeenServices()

  /**
   * @param placement - the paths of remote services on this node; their own ones without it
   * @param eligibility - which replicas get no calls of this node, and why; all get calls without it
   */
  constructor (
    private readonly placement: Placement = descriptor => descriptor.path,
    private readonly eligibility?: Eligibility
  ) {
    super()
    // Each part of a node that follows the mesh adds a listener, so their number is no leak.
    this.setMaxListeners(0)
  }

  /** The contracts of this node. */
  get contracts (): readonly Contract[] {
    return [...this.hosted.values()].map(({ contract }) => contract)
  }

  /** Whether another node is on the mesh. */
  hasNode (id: string): boolean {
    return this.known.has(id)
  }

  /** The nodes of the mesh, without this one. */
  get nodes (): readonly MeshNode[] {
    return [...this.known.values()]
  }

  /** The remote services in use. */
  get services (): readonly RemoteServiceEntry[] {
    return [...this.inUse.values()]
  }

  /** Offers a service of this node to the mesh: to all nodes, or to those that may call it. */
  offer (contract: Contract, access?: Access): void {
    this.hosted.set(contract.path, { contract, access })
  }

  /** Withdraws the offer; false if there was none. */
  withdraw (path: string): boolean {
    return this.hosted.delete(path)
  }

  /** What this node offers on a path. */
  contract (path: string): Contract | undefined {
    return this.hosted.get(path)?.contract
  }

  /** The same, with the nodes that may call it. */
  hostedAt (path: string): Hosted | undefined {
    return this.hosted.get(path)
  }

  /** The remote service on a path of this node. */
  service (path: string): RemoteServiceEntry | undefined {
    return this.inUse.get(path)
  }

  /** Checks again which replicas of a path get calls. */
  refresh (path: string): void {
    for (const entry of this.entries.get(path)?.values() ?? []) {
      entry.refresh()
      if (entry === this.service(path)) this.emit('service-changed', entry)
    }
  }

  /** Where a path was hosted last; undefined if it never was. */
  lastSeen (path: string): LastSeen | undefined {
    return this.seen.get(path)
  }

  /** The paths that nodes of a key host or hosted; undefined if there never was such a node. */
  pathsOf (key: string): readonly string[] | undefined {
    return this.seen.pathsOf(key)
  }

  /** A node joined, or changed what it offers. */
  join (node: MeshNode): void {
    const before = this.known.get(node.id)
    this.known.set(node.id, node)
    this.seen.sawKey(node.key)

    const places = this.placesOf(node)
    if (before !== undefined) {
      const kept = (path: string): boolean => places.has(path) && before.key === node.key
      for (const [path] of this.placesOf(before)) if (!kept(path)) this.removeHost(path, before)
    }
    for (const [path, contract] of places) this.addHost(path, node, contract)
  }

  /** A node left. */
  leave (id: string): void {
    const node = this.known.get(id)
    if (node === undefined) return
    this.known.delete(id)
    for (const [path] of this.placesOf(node)) this.removeHost(path, node)
    this.emit('node-removed', node)
  }

  private placesOf (node: MeshNode): Map<string, Contract> {
    const places = new Map<string, Contract>()
    for (const contract of node.contracts) {
      const path = this.placement(describe(node, contract))
      if (path !== undefined) places.set(path, contract)
    }
    return places
  }

  private addHost (path: string, node: MeshNode, contract: Contract): void {
    this.seen.saw(path, node)
    const byKey = this.entries.get(path) ?? new Map<string, RemoteServiceEntry>()
    this.entries.set(path, byKey)
    const entry = byKey.get(node.key)
    if (entry !== undefined) {
      if (entry.add(node, contract) && entry === this.service(path)) this.emit('service-changed', entry)
      return
    }
    const created = new RemoteServiceEntry({ path, eligibility: this.eligibility }, node, contract)
    byKey.set(node.key, created)
    if (byKey.size > 1) return
    this.inUse.set(path, created)
    this.emit('service', created)
  }

  private removeHost (path: string, node: MeshNode): void {
    const byKey = this.entries.get(path)
    const entry = byKey?.get(node.key)
    if (byKey === undefined || entry === undefined || !entry.remove(node.id)) return
    this.seen.saw(path, node)
    const isInUse = entry === this.service(path)
    if (entry.hosts.length > 0) {
      if (isInUse) this.emit('service-changed', entry)
      return
    }
    byKey.delete(node.key)
    if (byKey.size === 0) this.entries.delete(path)
    if (!isInUse) return
    const [heir] = byKey.values()
    if (heir === undefined) this.inUse.delete(path)
    else this.inUse.set(path, heir)
    this.emit('service-removed', entry)
    const next = this.service(path)
    if (next !== undefined) this.emit('service', next)
  }
}
