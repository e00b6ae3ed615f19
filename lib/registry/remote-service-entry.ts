import { HEALTHCHECK, type Contract, type MethodContract } from '../contract/contract'
import type { Host, MeshNode, MethodHost } from './mesh-node'

/** Why a replica gets no calls of this node; undefined where it gets them. */
export type Eligibility = (path: string, node: MeshNode, contract: Contract) => string | undefined

/** The replicas that offer a method. They may say different things of it, as during an upgrade. */
export interface OfferedMethod {
  /** What the first of them says of it. */
  readonly method: MethodContract
  readonly hosts: readonly MethodHost[]
}

/** A service of other nodes: its path here, its path there, and the replicas that host it. */
export class RemoteServiceEntry {
  readonly path: string
  readonly key: string
  /** The path on the hosting nodes; `path` differs from it where it has an alias. */
  readonly remotePath: string
  private readonly byNode = new Map<string, Host>()
  /** The hosts of each method, as replicas differ during an upgrade. */
  private byMethod = new Map<string, OfferedMethod>()
  /** Why nodes get no calls, by their ids. */
  private excluded = new Map<string, string>()
  private readonly eligibility: Eligibility

  constructor (
    { path, eligibility = () => undefined }: { readonly path: string, readonly eligibility?: Eligibility | undefined },
    node: MeshNode, contract: Contract
  ) {
    this.path = path
    this.eligibility = eligibility
    this.key = node.key
    this.remotePath = contract.path
    this.add(node, contract)
  }

  /** All replicas, also those that get no calls. */
  get hosts (): readonly Host[] {
    return [...this.byNode.values()]
  }

  /** Why replicas get no calls of this node, by the ids of their nodes. */
  get excludedHosts (): ReadonlyMap<string, string> {
    return this.excluded
  }

  /** Whether some replica gets calls. */
  get isCallable (): boolean {
    return this.excluded.size < this.byNode.size
  }

  /** The names of all methods that some replica offers. */
  get methods (): readonly string[] {
    return [...this.byMethod.keys()]
  }

  /** The names of all events that some replica offers. */
  get events (): readonly string[] {
    return [...new Set(this.hosts.flatMap(host => host.contract.events))]
  }

  /** The field that identifies its records; replicas of an older release don't state it. */
  get id (): string | undefined {
    return this.hosts.find(({ contract }) => contract.id !== undefined)?.contract.id
  }

  /** Service options that its hosts share with callers. */
  get remoteOptions (): Readonly<Record<string, unknown>> | undefined {
    return this.hosts[0]?.contract.remoteOptions
  }

  /** The contract of one method with the replicas that offer it; undefined if none does. */
  method (name: string): OfferedMethod | undefined {
    if (name === HEALTHCHECK) {
      const method = { name, idempotent: true }
      return { method, hosts: this.eligible.map(host => ({ ...host, method })) }
    }
    const offered = this.byMethod.get(name)
    // While no replica gets calls, calls wait for one that does, and it may have the method.
    return offered ?? (this.isCallable ? undefined : { method: { name, idempotent: false }, hosts: [] })
  }

  /** Adds a replica; false if that changes nothing. */
  add (node: MeshNode, contract: Contract): boolean {
    const before = this.byNode.get(node.id)
    this.byNode.set(node.id, { node, contract })
    this.index()
    return before === undefined || JSON.stringify(before.contract) !== JSON.stringify(contract)
  }

  /** Removes a replica; false if there was none. */
  remove (nodeId: string): boolean {
    if (!this.byNode.delete(nodeId)) return false
    this.index()
    return true
  }

  /** Checks again which replicas get calls. */
  refresh (): void {
    this.index()
  }

  private get eligible (): readonly Host[] {
    return this.excluded.size === 0 ? this.hosts : this.hosts.filter(({ node: { id } }) => !this.excluded.has(id))
  }

  private index (): void {
    this.excluded = new Map()
    const { hosts } = this
    for (const { node, contract } of hosts) {
      const reason = this.eligibility(this.path, node, contract)
      if (reason !== undefined) this.excluded.set(node.id, reason)
    }
    const { isCallable } = this
    const byMethod = new Map<string, { readonly method: MethodContract, readonly hosts: MethodHost[] }>()
    // While none gets calls, the methods of all of them stay known.
    for (const { node, contract } of isCallable ? this.eligible : hosts) {
      for (const method of contract.methods) {
        const offered = byMethod.get(method.name) ?? { method, hosts: [] }
        byMethod.set(method.name, offered)
        if (isCallable) offered.hosts.push({ node, contract, method })
      }
    }
    this.byMethod = byMethod
  }
}
