import { HEALTHCHECK, type Contract, type MethodContract } from '../contract/contract'
import type { Host, MeshNode } from './mesh-node'

/** Why a replica gets no calls of this node; undefined where it gets them. */
export type Admission = (path: string, node: MeshNode, contract: Contract) => string | undefined

/** A service of other nodes: its path here, its path there, and the replicas that host it. */
export class RemoteServiceEntry {
  readonly path: string
  readonly key: string
  /** The path on the hosting nodes; `path` differs from it where it has an alias. */
  readonly remotePath: string
  private readonly byNode = new Map<string, Host>()
  /** Replicas may differ while an upgrade lasts: the hosts of each method, looked up once. */
  private byMethod = new Map<string, { readonly method: MethodContract, readonly hosts: readonly Host[] }>()

  /** Why nodes get no calls, by their ids. */
  private refused = new Map<string, string>()
  private readonly admission: Admission

  constructor (
    { path, admission = () => undefined }: { readonly path: string, readonly admission?: Admission },
    node: MeshNode, contract: Contract
  ) {
    this.path = path
    this.admission = admission
    this.key = node.key
    this.remotePath = contract.path
    this.add(node, contract)
  }

  get hosts (): readonly Host[] {
    return [...this.byNode.values()]
  }

  /** The replicas that host the service and get no calls of this node, by their nodes' ids, and why. */
  get keptOut (): ReadonlyMap<string, string> {
    return this.refused
  }

  /** Whether some replica gets calls. */
  get isCallable (): boolean {
    return this.refused.size < this.byNode.size
  }

  /** The names of all methods that some replica offers. */
  get methods (): readonly string[] {
    return [...this.byMethod.keys()]
  }

  /** The names of all events that some replica offers. */
  get events (): readonly string[] {
    return [...new Set(this.hosts.flatMap(host => host.contract.events))]
  }

  /** The field that identifies its records; a replica of an older release does not tell. */
  get id (): string | undefined {
    return this.hosts.find(({ contract }) => contract.id !== undefined)?.contract.id
  }

  get remoteOptions (): Readonly<Record<string, unknown>> | undefined {
    return this.hosts[0]?.contract.remoteOptions
  }

  /** The contract of one method with the nodes that host it; undefined if none does. */
  method (name: string): { readonly method: MethodContract, readonly hosts: readonly Host[] } | undefined {
    if (name === HEALTHCHECK) return { method: { name, idempotent: true }, hosts: this.admitted }
    const offered = this.byMethod.get(name)
    // While none gets calls, those that come wait for one that does, and it may have the method.
    return offered ?? (this.isCallable ? undefined : { method: { name, idempotent: false }, hosts: [] })
  }

  /** Adds a replica; false if that changes nothing. */
  add (node: MeshNode, contract: Contract): boolean {
    const before = this.byNode.get(node.id)
    this.byNode.set(node.id, { node, contract })
    this.index()
    return before === undefined || JSON.stringify(before.contract) !== JSON.stringify(contract)
  }

  /** Takes a replica away; false if there was none. */
  remove (nodeId: string): boolean {
    if (!this.byNode.delete(nodeId)) return false
    this.index()
    return true
  }

  /** The admission is another one than before. */
  readmit (): void {
    this.index()
  }

  private get admitted (): readonly Host[] {
    return this.refused.size === 0 ? this.hosts : this.hosts.filter(({ node: { id } }) => !this.refused.has(id))
  }

  private index (): void {
    this.byMethod = new Map()
    this.refused = new Map()
    const { hosts } = this
    for (const { node, contract } of hosts) {
      const reason = this.admission(this.path, node, contract)
      if (reason !== undefined) this.refused.set(node.id, reason)
    }
    const { admitted } = this
    // What all of them offer stays known while none gets calls.
    for (const { contract } of admitted.length > 0 ? admitted : hosts) {
      for (const method of contract.methods) {
        if (this.byMethod.has(method.name)) continue
        const offering = admitted.filter(host => host.contract.methods.some(({ name }) => name === method.name))
        this.byMethod.set(method.name, { method, hosts: offering })
      }
    }
  }
}
