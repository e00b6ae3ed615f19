import { HEALTHCHECK, type Contract, type MethodContract } from '../contract/contract'
import type { Host, MeshNode } from './mesh-node'

/** A service of other nodes: its path here, its path there, and the replicas that host it. */
export class RemoteServiceEntry {
  readonly key: string
  /** The path on the hosting nodes; `path` differs from it where it has an alias. */
  readonly remotePath: string
  private readonly byNode = new Map<string, Host>()
  /** Replicas may differ while an upgrade lasts: the hosts of each method, looked up once. */
  private byMethod = new Map<string, { readonly method: MethodContract, readonly hosts: readonly Host[] }>()

  constructor (readonly path: string, node: MeshNode, contract: Contract) {
    this.key = node.key
    this.remotePath = contract.path
    this.add(node, contract)
  }

  get hosts (): readonly Host[] {
    return [...this.byNode.values()]
  }

  /** The names of all methods that some replica offers. */
  get methods (): readonly string[] {
    return [...this.byMethod.keys()]
  }

  /** The names of all events that some replica offers. */
  get events (): readonly string[] {
    return [...new Set(this.hosts.flatMap(host => host.contract.events))]
  }

  get remoteOptions (): Readonly<Record<string, unknown>> | undefined {
    return this.hosts[0]?.contract.remoteOptions
  }

  /** The contract of one method with the nodes that host it; undefined if none does. */
  method (name: string): { readonly method: MethodContract, readonly hosts: readonly Host[] } | undefined {
    if (name === HEALTHCHECK) return { method: { name, idempotent: true }, hosts: this.hosts }
    return this.byMethod.get(name)
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

  private index (): void {
    this.byMethod = new Map()
    const { hosts } = this
    for (const { contract } of hosts) {
      for (const method of contract.methods) {
        if (this.byMethod.has(method.name)) continue
        const offering = hosts.filter(host => host.contract.methods.some(({ name }) => name === method.name))
        this.byMethod.set(method.name, { method, hosts: offering })
      }
    }
  }
}
