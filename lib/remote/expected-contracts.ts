import type { Contract, MethodContract } from '../contract/contract'
import { differences } from '../contract/contract-differences'
import type { Registry } from '../registry/registry'
import { LineLimit } from '../line-limit'
import type { LogFields, NodeLog } from '../log'
import { nodeTitle, printable } from '../printable'
import type { Eligibility, RemoteServiceEntry } from '../registry/remote-service-entry'

/** Characters that say how a contract differs, in a warning and in what is kept of each replica. */
const MAX_DIFFERENCE = 340

/** What a class of this node expects of the hosts of its service. */
interface Expectation {
  readonly className: string
  readonly contract: Contract
}

/**
 * What the classes of this node expect of replicas. A registry takes it as its {@link Eligibility}, so it is made
 * first, and knows no registry.
 */
export class Expectations {
  private readonly byPath = new Map<string, Expectation[]>()
  /** The methods to which the first class for a path gives a timeout. Few classes give any. */
  private readonly timed = new Map<string, readonly MethodContract[]>()

  /** @param strict - whether replicas that differ get no calls */
  constructor (readonly strict: boolean) {}

  /** Which replicas get no calls: with `strict` those that differ from a class. */
  readonly eligibility: Eligibility = (path, _node, contract) =>
    this.strict ? this.differenceOf(path, contract)?.text : undefined

  /** Adds a class for the service of a path; false if it was there before. */
  add (path: string, expectation: Expectation): boolean {
    const expectations = this.byPath.get(path) ?? []
    if (expectations.some(({ contract }) => contract === expectation.contract)) return false
    this.byPath.set(path, [...expectations, expectation])
    if (expectations.length === 0) this.keepTimed(path, expectation.contract)
    return true
  }

  /** Whether a class of this node is used for a path. */
  has (path: string): boolean {
    return this.byPath.has(path)
  }

  /** The contract of the first class for a path. */
  contractOf (path: string): Contract | undefined {
    return this.byPath.get(path)?.[0]?.contract
  }

  /** A method as the first class for a path has it, where that gives it a timeout. */
  timedMethod (path: string, name: string): MethodContract | undefined {
    // Called for each call.
    return this.timed.size === 0 ? undefined : this.timed.get(path)?.find(method => method.name === name)
  }

  private keepTimed (path: string, { methods }: Contract): void {
    const timed = methods.filter(({ timeout }) => timeout !== undefined)
    if (timed.length > 0) this.timed.set(path, timed)
  }

  /** How a replica differs from the first class that it differs from, as far as it is shown. */
  differenceOf (path: string, contract: Contract): { readonly className: string, readonly text: string } | undefined {
    for (const { className, contract: expected } of this.byPath.get(path) ?? []) {
      const found = differences(expected, contract)
      // It is kept for each replica, and hosts choose how long the names in it are.
      if (found.length > 0) return { className, text: printable(found.join('; '), MAX_DIFFERENCE) }
    }
    return undefined
  }
}

/**
 * Warns of replicas that differ from the classes of this node: of each once, when it joins or when the class is first
 * used.
 */
export class ExpectedContracts {
  /** The difference that was reported of each replica, by path and node. */
  private readonly reported = new Map<string, Map<string, string>>()
  /** A replica may differ in ever other ways. */
  private readonly limit = new LineLimit()

  constructor (
    private readonly registry: Registry, private readonly expectations: Expectations, private readonly log: NodeLog
  ) {
    registry.on('service', entry => this.compare(entry))
    registry.on('service-changed', entry => this.compare(entry))
    registry.on('node-removed', ({ id }) => this.reported.forEach(byNode => byNode.delete(id)))
  }

  /** A class of this node is used for the service of a path. */
  expect (path: string, expectation: Expectation): void {
    if (!this.expectations.add(path, expectation)) return
    if (this.expectations.strict) this.registry.refresh(path)
    const entry = this.registry.service(path)
    if (entry !== undefined) this.compare(entry)
  }

  private compare (entry: RemoteServiceEntry): void {
    const { path } = entry
    if (!this.expectations.has(path)) return
    const reported = this.reported.get(path) ?? new Map<string, string>()
    this.reported.set(path, reported)
    for (const { node, node: { id }, contract } of entry.hosts) {
      const difference = this.expectations.differenceOf(path, contract)
      // Several replicas of one version all differ in the same way.
      const isNew = difference !== undefined && ![...reported.values()].includes(difference.text)
      if (difference === undefined) reported.delete(id)
      else reported.set(id, difference.text)
      if (!isNew) continue
      const place = `'${path}' on node ${nodeTitle(node)}`
      this.warn({ path, node: id, key: node.key }, `${place} is not what ${difference.className} of this node says: ${difference.text}`)
    }
  }

  private warn (fields: LogFields, what: string): void {
    const consequence = this.expectations.strict
      ? 'it gets no calls of this node (strictContracts)'
      : 'this node calls it anyway; strictContracts: true would prevent that'
    this.log.tell('FEATHERS_MESH_CONTRACT', `${printable(what, MAX_DIFFERENCE)}; ${consequence}`, fields, this.limit)
  }
}
