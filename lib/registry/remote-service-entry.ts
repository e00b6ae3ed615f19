import { HEALTHCHECK, methodOf, type Contract, type MethodContract } from '../contract/contract'
import { HostList } from './host-list'
import type { Host, MeshNode, MethodHost } from './mesh-node'
import { hasRepeats, methodNamesOf, namesBeyond, OfferedMembers } from './offered-members'
import { NameCounts } from '../collections/name-counts'
import { isSameJson } from '../record'

/** Why a replica gets no calls of this node; undefined where it gets them. */
export type Eligibility = (path: string, node: MeshNode, contract: Contract) => string | undefined

/** The replicas that offer a method. They may say different things of it, as during an upgrade. */
export interface OfferedMethod {
  /** What the first of them says of it. */
  readonly method: MethodContract
  readonly hosts: readonly MethodHost[]
}

/** Methods, and events, that the replicas of a service offer together: all of two releases that share none. */
const MAX_MEMBERS = 2_000

const NONE: ReadonlyMap<string, string> = new Map()

const ALL_GET_CALLS: Eligibility = () => undefined

/** A service of other nodes: its path here, its path there, and the replicas that host it. */
export class RemoteServiceEntry {
  readonly path: string
  readonly key: string
  /** The path on the hosting nodes; `path` differs from it where it has an alias. */
  readonly remotePath: string
  /** The id of the node that was the last to host it; undefined until it has no hosts any more. */
  lastNode: string | undefined
  private readonly replicas = new HostList()
  /** What the replicas offer together; undefined until a second one comes, as it is what the first one offers. */
  private together: OfferedMembers | undefined
  /** Methods that were asked for since the replicas changed: calls ask for them, and joining nodes don't. */
  private byMethod: Map<string, OfferedMethod> | undefined
  /** Why nodes get no calls, by their ids. */
  private excluded: Map<string, string> | undefined
  /** The methods of these. Most services of a large mesh have neither. */
  private excludedNames: NameCounts | undefined

  constructor (
    path: string, node: MeshNode, contract: Contract, private readonly eligibility: Eligibility = ALL_GET_CALLS
  ) {
    this.path = path
    this.key = node.key
    this.remotePath = contract.path
    this.add(node, contract)
  }

  /** All replicas, also those that get no calls. */
  get hosts (): readonly Host[] {
    return this.replicas.all
  }

  /** The ids of the nodes of all replicas, as a list of the caller's own. */
  get hostIds (): string[] {
    return this.replicas.ids
  }

  /** How many replicas there are. */
  get hostCount (): number {
    return this.replicas.size
  }

  /** The replica of a node. */
  hostOf (nodeId: string): Host | undefined {
    return this.replicas.of(nodeId)
  }

  /** How many names of a contract no replica offers yet. */
  newNames (contract: Contract): number {
    const { together, sole } = this
    return together?.missing(contract) ?? namesBeyond(sole, contract)
  }

  /** Why replicas get no calls of this node, by the ids of their nodes. */
  get excludedHosts (): ReadonlyMap<string, string> {
    return this.excluded ?? NONE
  }

  /** Whether some replica gets calls. */
  get isCallable (): boolean {
    return this.excludedHosts.size < this.replicas.size
  }

  /** The names of the methods that some replica offers; while none gets calls, those of all of them stay known. */
  get methods (): readonly string[] {
    const { sole, excludedNames, together } = this
    const names = together?.methods.first(MAX_MEMBERS) ?? firstOf(sole === undefined ? [] : methodNamesOf(sole))
    if (excludedNames === undefined || !this.isCallable) return names
    return names.filter(name => this.timesOffered(name) > excludedNames.of(name))
  }

  /** The names of the events that some replica offers. */
  get events (): readonly string[] {
    return this.together?.events.first(MAX_MEMBERS) ?? firstOf(this.sole?.events ?? [])
  }

  /** How many names all replicas offer. */
  get size (): number {
    const { together, sole } = this
    if (together !== undefined) return together.size
    return sole === undefined ? 0 : sole.methods.length + sole.events.length
  }

  /** The field that identifies its records, as the first replica states it that does: those of 0.1 don't. */
  get id (): string | undefined {
    return this.firstInCharge(({ contract: { id } }) => id !== undefined)?.contract.id
  }

  /** Service options that its first replica shares with callers: later ones can't change them. */
  get remoteOptions (): Readonly<Record<string, unknown>> | undefined {
    return this.firstInCharge(() => true)?.contract.remoteOptions
  }

  /** The replicas that get calls, or all while none does: that which came first is the first. */
  private get inCharge (): readonly Host[] {
    return this.isCallable ? this.eligible : this.hosts
  }

  private firstInCharge (holds: (host: Host) => boolean): Host | undefined {
    const { excluded } = this
    if (excluded === undefined || !this.isCallable) return this.replicas.find(holds)
    return this.replicas.find(host => !excluded.has(host.node.id) && holds(host))
  }

  /** The contract of one method with the replicas that offer it; undefined if none does. */
  method (name: string): OfferedMethod | undefined {
    if (name === HEALTHCHECK) {
      const method = { name, idempotent: true }
      return { method, hosts: this.eligible.map(host => ({ ...host, method })) }
    }
    const offered = this.byMethod?.get(name) ?? this.offeredMethod(name)
    // While no replica gets calls, calls wait for one that does, and it may have the method.
    return offered ?? (this.isCallable ? undefined : { method: { name, idempotent: false }, hosts: [] })
  }

  /** Adds a replica; false if that changes nothing. */
  add (node: MeshNode, contract: Contract): boolean {
    const before = this.replicas.of(node.id)
    if (before === undefined && this.replicas.size > 0 || hasRepeats(contract)) this.countTogether()
    if (before !== undefined) this.uncount(before)
    const host = { node, contract }
    this.replicas.set(host)
    this.together?.add(contract)
    this.judge(host)
    this.byMethod = undefined
    return before === undefined || !isSameJson(before.contract, contract)
  }

  /** Removes a replica; false if there was none. */
  remove (nodeId: string): boolean {
    const host = this.replicas.of(nodeId)
    if (host === undefined) return false
    this.replicas.delete(nodeId)
    if (this.replicas.size === 0) this.lastNode = nodeId
    this.uncount(host)
    this.byMethod = undefined
    return true
  }

  /** Checks again which replicas get calls. */
  refresh (): void {
    for (const host of this.replicas.all) {
      this.acquit(host)
      this.judge(host)
    }
    this.byMethod = undefined
  }

  private get eligible (): readonly Host[] {
    const { excluded } = this
    return excluded === undefined ? this.hosts : this.hosts.filter(({ node: { id } }) => !excluded.has(id))
  }

  private offeredMethod (name: string): OfferedMethod | undefined {
    if (this.timesOffered(name) === 0) return undefined
    const hosts: MethodHost[] = []
    for (const { node, contract } of this.inCharge) {
      const method = methodOf(contract, name)
      if (method !== undefined) hosts.push({ node, contract, method })
    }
    const [first] = hosts
    if (first === undefined) return undefined
    const offered = { method: first.method, hosts: this.isCallable ? hosts : [] }
    this.byMethod ??= new Map<string, OfferedMethod>()
    this.byMethod.set(name, offered)
    return offered
  }

  private uncount (host: Host): void {
    this.acquit(host)
    this.together?.remove(host.contract)
  }

  /** What the only replica offers, until a second one comes. */
  private get sole (): Contract | undefined {
    return this.replicas.sole?.contract
  }

  /** How many replicas offer a method. */
  private timesOffered (name: string): number {
    const { together, sole } = this
    if (together !== undefined) return together.methods.of(name)
    return sole !== undefined && methodNamesOf(sole).includes(name) ? 1 : 0
  }

  /** From now on, what the replicas offer together is counted. */
  private countTogether (): void {
    if (this.together !== undefined) return
    const { sole } = this
    this.together = new OfferedMembers()
    if (sole !== undefined) this.together.add(sole)
  }

  /** Decides whether a replica gets calls. */
  private judge ({ node, contract }: Host): void {
    const reason = this.eligibility(this.path, node, contract)
    if (reason === undefined) return
    this.excluded ??= new Map<string, string>()
    this.excluded.set(node.id, reason)
    this.excludedNames ??= new NameCounts()
    this.excludedNames.add(methodNamesOf(contract))
  }

  private acquit ({ node, contract }: Host): void {
    if (this.excluded?.delete(node.id) === true) this.excludedNames?.remove(methodNamesOf(contract))
  }
}

function firstOf (names: readonly string[]): readonly string[] {
  return names.length > MAX_MEMBERS ? names.slice(0, MAX_MEMBERS) : names
}
