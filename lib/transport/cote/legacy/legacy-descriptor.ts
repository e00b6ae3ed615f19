import { methodNamed, type Contract } from '../../../contract/contract'
import { MAX_CONTRACTS_BYTES, MAX_METHODS } from '../../../contract/contract-bounds'
import { contractBytes } from '../../../contract/contract-size'
import { readContract, type OnContractFault } from '../../../contract/read-contract'
import { fieldsOf, isRecord } from '../../../record'

/** How many services of a node are known: it may announce any number. */
const MAX_SERVICES = 10_000

/** The services that a node of feathers-distributed announced, by the paths as it writes them. */
export class LegacyDescriptors {
  private readonly byPath = new Map<string, Contract>()
  private bytes = 0

  /** @param onFault - called for what is left out */
  constructor (private readonly onFault: OnContractFault) {}

  /** How many there are. */
  get size (): number {
    return this.byPath.size
  }

  /** The paths of the services. */
  get paths (): readonly string[] {
    return [...this.byPath.keys()]
  }

  /** What a path offers. */
  get (path: string): Contract | undefined {
    return this.byPath.get(path)
  }

  /** The node announced a service. Returns whether there is room for it. */
  add (path: string, descriptor: unknown): boolean {
    const contract = readDescriptor(descriptor, this.onFault)
    this.delete(path)
    if (contract === undefined) return true
    if (this.byPath.size >= MAX_SERVICES || this.bytes + contractBytes(contract) > MAX_CONTRACTS_BYTES) return false
    this.byPath.set(path, contract)
    this.bytes += contractBytes(contract)
    return true
  }

  /** The node withdrew a service. */
  delete (path: string): void {
    const contract = this.byPath.get(path)
    if (contract === undefined) return
    this.byPath.delete(path)
    this.bytes -= contractBytes(contract)
  }

  /** Forgets all services. */
  clear (): void {
    this.byPath.clear()
    this.bytes = 0
  }

  /** What can be called: methods that the responder of the node does not answer would never get a reply. */
  contracts (answered: readonly string[]): Contract[] {
    const known = new Set(answered)
    return [...this.byPath.values()]
      .map(contract => ({ ...contract, methods: contract.methods.filter(({ name }) => known.has(name)) }))
      .filter(({ methods }) => methods.length > 0)
  }
}

/** The contract of a descriptor that a node of feathers-distributed sent; undefined for anything else. */
function readDescriptor (value: unknown, onFault: OnContractFault): Contract | undefined {
  const { path, methods, events, remoteOptions } = fieldsOf(value)
  return readContract({
    path,
    methods: names(methods).slice(0, MAX_METHODS).map(methodNamed),
    events: names(events),
    ...isRecord(remoteOptions) ? { remoteOptions } : {}
  }, onFault)
}

function names (value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string' && name !== '') : []
}
