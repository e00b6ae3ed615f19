import type { Contract } from '../contract/contract'
import { differences } from '../contract/contract-differences'
import type { Host } from '../registry/mesh-node'
import type { Registry } from '../registry/registry'

/** What a class of this node expects of the hosts of its service. */
interface Expectation {
  readonly className: string
  readonly contract: Contract
}

/**
 * What the classes of this node expect of replicas. Who differs is told of once, when it joins or when the class is
 * asked for; with `strict` it gets no calls.
 */
export class ExpectedContracts {
  private readonly byPath = new Map<string, Expectation[]>()
  /** What was said of the replicas that are there, by path and node. */
  private readonly said = new Map<string, Map<string, string>>()

  /** @param strict - whether replicas that differ get no calls */
  constructor (private readonly registry: Registry, private readonly strict: boolean) {
    if (strict) registry.admission = (path, _node, contract) => this.differenceOf(path, contract)?.text
    registry.on('service', ({ path, hosts }) => this.compare(path, hosts))
    registry.on('service-changed', ({ path, hosts }) => this.compare(path, hosts))
    registry.on('node-removed', ({ id }) => this.said.forEach(byNode => byNode.delete(id)))
  }

  /** A class of this node is used for the service of a path. */
  expect (path: string, expectation: Expectation): void {
    const expectations = this.byPath.get(path) ?? []
    if (expectations.some(({ contract }) => contract === expectation.contract)) return
    this.byPath.set(path, [...expectations, expectation])
    if (this.strict) this.registry.readmit(path)
    this.compare(path, this.registry.service(path)?.hosts ?? [])
  }

  /** What the first of the classes for a path says. */
  contractOf (path: string): Contract | undefined {
    return this.byPath.get(path)?.[0]?.contract
  }

  private compare (path: string, hosts: readonly Host[]): void {
    if (!this.byPath.has(path)) return
    const said = this.said.get(path) ?? new Map<string, string>()
    this.said.set(path, said)
    for (const { node: { id }, contract } of hosts) {
      const difference = this.differenceOf(path, contract)
      // Of several replicas of one version each would say the same.
      const isNew = difference !== undefined && ![...said.values()].includes(difference.text)
      if (difference === undefined) said.delete(id)
      else said.set(id, difference.text)
      if (isNew) this.warn(`'${path}' on node ${id} is not what ${difference.className} of this node says: ${difference.text}`)
    }
  }

  private differenceOf (path: string, contract: Contract): { className: string, text: string } | undefined {
    for (const { className, contract: expected } of this.byPath.get(path) ?? []) {
      const found = differences(expected, contract)
      if (found.length > 0) return { className, text: found.join('; ') }
    }
    return undefined
  }

  private warn (what: string): void {
    const consequence = this.strict
      ? 'it gets no calls of this node (strictContracts)'
      : 'it is called all the same; with strictContracts: true it would not be'
    process.emitWarning(`${what}; ${consequence}`, { type: 'ContractWarning', code: 'FEATHERS_MESH_CONTRACT' })
  }
}
