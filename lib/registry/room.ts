import type { Contract } from '../contract/contract'
import { MAX_ALL_CONTRACTS_BYTES } from '../contract/contract-bounds'
import { bytesOfAll } from '../contract/contract-size'
import type { OnContractFault } from '../contract/read-contract'
import { printable } from '../printable'
import type { RemoteServiceEntry } from './remote-service-entry'

/**
 * Services of other nodes that this node knows, and all their methods and events, those of replicas counted once: a
 * gateway has an object for each service, and a function for each method.
 */
const MAX_NAMES = 150_000

/** How much of other nodes there is room for, in bytes and in names. */
export class Room {
  private readonly bytesOfNode = new Map<string, number>()
  private bytes = 0
  private names = 0

  constructor (
    private readonly onFault: OnContractFault,
    private readonly maxBytes = MAX_ALL_CONTRACTS_BYTES, private readonly maxNames = MAX_NAMES
  ) {}

  /** Those contracts of a node that fit in beside those of all other nodes: all, or none. */
  admit (nodeId: string, contracts: readonly Contract[]): readonly Contract[] {
    const others = this.bytes - (this.bytesOfNode.get(nodeId) ?? 0)
    const bytes = bytesOfAll(contracts)
    if (others + bytes <= this.maxBytes) return contracts
    this.onFault('overlongContracts', `${contracts.length} services of node ${printable(nodeId)}, ` +
      'for which those of all other nodes leave no room')
    return []
  }

  /** A node has these contracts now. */
  take (nodeId: string, contracts: readonly Contract[]): void {
    this.free(nodeId)
    const bytes = bytesOfAll(contracts)
    if (bytes === 0) return
    this.bytesOfNode.set(nodeId, bytes)
    this.bytes += bytes
  }

  /** A node is gone. */
  free (nodeId: string): void {
    this.bytes -= this.bytesOfNode.get(nodeId) ?? 0
    this.bytesOfNode.delete(nodeId)
  }

  /** Whether the names of one more replica fit in. */
  hasRoomFor (entry: RemoteServiceEntry | undefined, contract: Contract): boolean {
    const { path, methods, events } = contract
    const more = entry?.newNames(contract) ?? 1 + methods.length + events.length
    if (this.names + more <= this.maxNames) return true
    this.onFault('overlongContracts', `the service '${path}', for which all others leave no room`)
    return false
  }

  /** There are more names, or fewer. */
  grow (names: number): void {
    this.names += names
  }
}
