import type { Access } from '../contract/access'
import type { Contract } from '../contract/contract'
import { PROCESS_LOG } from '../log'
import { messageOf, nodeTitle } from '../printable'
import { isSameJson } from '../record'
import { TypedEmitter } from '../typed-emitter'
import { ContainedListeners } from './contained-listeners'
import { LastSeenServices, seenNow, type LastSeen } from './last-seen'
import { Entries } from './entries'
import { hasOnlyAnswered, type MeshNode } from './mesh-node'
import { NodePlaces } from './node-places'
import { Notices } from './notices'
import { PathKeys } from './path-keys'
import { Placing, TIMES_AS_LONG, workOf, type Replicas } from './placing'
import type { RegistryOptions } from './registry-options'
import { RemoteServiceEntry } from './remote-service-entry'
import { Room } from './room'
import { Turns, type Steps } from './turns'

/** A service that this node offers, and the nodes that may call it. */
export interface Hosted {
  readonly contract: Contract
  /** Undefined where all nodes may. */
  readonly access: Access | undefined
}

/** The changes that a {@link Registry} announces. */
export interface RegistryEvents {
  /** A node joined, or changed what it offers. */
  'node': [node: MeshNode]
  /** A node left. */
  'node-removed': [node: MeshNode]
  /** A service has its first host. */
  'service': [entry: RemoteServiceEntry]
  /** The hosts of a service, or what they offer, are no longer the same. */
  'service-changed': [entry: RemoteServiceEntry]
  /** A service lost its last host. */
  'service-removed': [entry: RemoteServiceEntry]
}

/** How many methods and events of a node are placed in one turn of the event loop, each of some 50 us on a gateway. */
const WORK_OF_A_TURN = 300

/**
 * Contracts x nodes: what this node offers, the other nodes of the mesh, and what each of them hosts. It announces each
 * change.
 *
 * Nodes of one key are replicas of each other. A path belongs to one key at a time: the one that this node names, else
 * the first that joined with it.
 */
export class Registry extends TypedEmitter<RegistryEvents> {
  private readonly hosted = new Map<string, Hosted>()
  private readonly known = new Map<string, MeshNode>()
  private readonly entries = new Entries()
  private readonly seen = new LastSeenServices()
  private readonly places: NodePlaces
  private readonly room: Room
  private readonly keys: PathKeys
  private readonly notices: Notices
  private readonly turns = new Turns(WORK_OF_A_TURN * TIMES_AS_LONG)
  private readonly listening: ContainedListeners<keyof RegistryEvents>
  private readonly replicas: Replicas = {
    add: (path, node, contract) => this.addHost(path, node, contract),
    remove: (path, key, id) => this.removeHost(path, key, id)
  }

  constructor (private readonly options: RegistryOptions = {}) {
    super()
    const { keys = new Map<string, string>(), named = [], placement, onFault, log = PROCESS_LOG } = options
    this.notices = new Notices(new Set([...named, ...keys.keys()]), log)
    this.keys = new PathKeys(keys, this.notices)
    this.places = new NodePlaces(placement)
    this.room = new Room(onFault ?? (() => {}))
    // Each part of a node that follows the mesh adds a listener, so their number is no leak.
    this.setMaxListeners(0)
    this.listening = new ContainedListeners(this, (error, event, of) => {
      this.notices.tell(event, of, `following '${event}' of '${of}' failed: ${messageOf(error)}`)
    })
  }

  /** The contracts of this node. */
  get contracts (): readonly Contract[] { return [...this.hosted.values()].map(({ contract }) => contract) }

  /** Whether another node is on the mesh. */
  hasNode (id: string): boolean {
    return this.known.has(id)
  }

  /** Another node of the mesh; undefined where it is none. */
  node (id: string): MeshNode | undefined {
    return this.known.get(id)
  }

  /** The nodes of the mesh, without this one. */
  get nodes (): readonly MeshNode[] {
    return [...this.known.values()]
  }

  /** The remote services in use. */
  get services (): readonly RemoteServiceEntry[] { return this.entries.used }

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
    return this.entries.at(path)
  }

  /** The remote services in use that a node hosts. */
  servicesOf (nodeId: string): readonly RemoteServiceEntry[] {
    return [...this.places.of(nodeId).keys()].flatMap(path => {
      const entry = this.service(path)
      return entry?.hostOf(nodeId) === undefined ? [] : [entry]
    })
  }

  /** Checks again which replicas of a path get calls. */
  refresh (path: string): void {
    const entry = this.service(path)
    for (const each of [entry, ...this.entries.othersAt(path)]) each?.refresh()
    if (entry !== undefined && entry === this.service(path)) this.announce('service-changed', path, entry)
  }

  /** The paths of this node that the services of another one have, or would have. */
  placesOf (node: MeshNode): readonly string[] {
    return this.places.pathsOf(node)
  }

  /**
   * Where the service in use on a path is hosted, or else where that was hosted last, or else where nodes of another
   * key host the path; undefined if there was nothing of all that.
   */
  lastSeen (path: string): LastSeen | undefined {
    return seenNow(this.service(path)) ?? this.seen.get(path) ?? seenNow(this.entries.othersAt(path)[0])
  }

  /** The paths that nodes of a key host, or were the last to host; undefined if no such node is known. */
  pathsOf (key: string): readonly string[] | undefined {
    const hosted = this.entries.pathsOf(key)
    const gone = this.seen.pathsOf(key)?.filter(path => this.service(path) === undefined)
    if (hosted.length > 0) return [...new Set([...hosted, ...gone ?? []])]
    return gone ?? (this.nodes.some(node => node.key === key) ? [] : undefined)
  }

  /** Those contracts of a node for which there is room beside those of all other nodes. */
  admit (nodeId: string, contracts: readonly Contract[]): readonly Contract[] {
    return this.room.admit(nodeId, contracts)
  }

  /**
   * A node joined, or changed what it offers. The first services are there at once; the others of a node that offers
   * many are placed in later turns of the event loop.
   */
  join (node: MeshNode): void {
    const contracts = this.admit(node.id, node.contracts)
    const admitted = contracts === node.contracts ? node : { ...node, contracts }
    const before = this.known.get(node.id)
    this.room.take(node.id, contracts)
    this.known.set(node.id, admitted)
    if (before !== undefined && before.key !== node.key) this.seen.sawKey(before.key)
    this.announce('node', node.id, admitted)
    if (before !== undefined && hasOnlyAnswered(before, admitted)) return
    // Nodes join before they offer anything.
    if (contracts.length > 0 || this.places.has(node.id)) {
      this.turns.run(node.id, new Placing(admitted, this.places, this.replicas))
    } else {
      this.turns.end(node.id)
    }
  }

  /** A node left. The services of one that had many are removed in turns, too. */
  leave (id: string): void {
    const node = this.known.get(id)
    if (node === undefined) return
    this.known.delete(id)
    this.seen.sawKey(node.key)
    this.room.free(id)
    this.turns.run(id, this.forget(node))
  }

  private forget (node: MeshNode): Steps {
    const { id } = node
    const left = [...this.places.of(id)].values()
    return {
      next: () => {
        const place = left.next()
        if (place.done === true) {
          this.announce('node-removed', id, node)
          return undefined
        }
        const [path, key] = place.value
        this.places.delete(id, path)
        return this.removeHost(path, key, id)
      }
    }
  }

  /** Adds a replica of a service, where there is room for it. */
  private addHost (path: string, node: MeshNode, contract: Contract): void {
    const entry = this.entries.of(path, node.key)
    if (!this.room.hasRoomFor(entry, contract)) {
      this.places.delete(node.id, path)
      this.removeHost(path, node.key, node.id)
      return
    }
    if (entry !== undefined) return this.addReplica(entry, node, contract)
    const created = new RemoteServiceEntry(path, node, contract, this.options.eligibility)
    this.room.grow(1 + created.size)
    const inUse = this.service(path)
    if (inUse === undefined && this.keys.permits(path, node.key)) return this.use(created)
    this.entries.addOther(created)
    this.keys.pass(path, node.key, inUse?.key)
  }

  private addReplica (entry: RemoteServiceEntry, node: MeshNode, contract: Contract): void {
    const { size, path } = entry
    const hasChanged = entry.add(node, contract)
    this.room.grow(entry.size - size)
    if (hasChanged && !isSameJson(entry.remoteOptions, contract.remoteOptions)) {
      this.notices.tell('options', path, `the remoteOptions of '${path}' on node ${nodeTitle(node)} are not those of ` +
        'its other replicas; callers see those of the replica that joined first')
    }
    if (hasChanged && entry === this.service(path)) this.announce('service-changed', entry.path, entry)
  }

  private use (entry: RemoteServiceEntry): void {
    const { path, key } = entry
    this.entries.use(entry)
    this.keys.use(path, key)
    this.announce('service', path, entry)
  }

  /** Removes a replica of a service. Returns how much work that was. */
  private removeHost (path: string, key: string, id: string): number {
    const entry = this.entries.of(path, key)
    const host = entry?.hostOf(id)
    if (entry === undefined || host === undefined) return 1
    this.removeReplica(entry, host.node)
    return workOf(host.contract)
  }

  private removeReplica (entry: RemoteServiceEntry, node: MeshNode): void {
    const { size, path } = entry
    entry.remove(node.id)
    this.room.grow(entry.size - size)
    const isInUse = entry === this.service(path)
    if (entry.hostCount > 0) {
      if (isInUse) this.announce('service-changed', entry.path, entry)
      return
    }
    this.room.grow(-1)
    this.entries.delete(entry)
    // What this node never called counts only where there was nothing else.
    if (isInUse || this.service(path) === undefined && this.seen.get(path) === undefined) this.seen.left(path, node)
    if (!isInUse) return
    this.keys.left(path, entry.key)
    this.replace(entry)
  }

  /** A service that was in use has lost its last host: one of another key may take its place. */
  private replace (entry: RemoteServiceEntry): void {
    const { path } = entry
    const heir = this.entries.othersAt(path).find(each => this.keys.permits(path, each.key))
    // Listeners see whom the path belongs to now.
    if (heir !== undefined) this.entries.use(heir)
    this.announce('service-removed', path, entry)
    // A listener may have changed what is there.
    if (heir !== undefined && this.service(path) === heir) this.use(heir)
  }

  /** What a part of this node makes of the offer of another one must neither end the process nor keep others out. */
  private announce<K extends keyof RegistryEvents> (event: K, of: string, subject: RegistryEvents[K][0]): void {
    this.listening.tell(event, of, subject)
  }
}
