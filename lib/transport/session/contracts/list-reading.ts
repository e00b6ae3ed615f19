import type { Contract } from '../../../contract/contract'
import { MAX_SERVICES } from '../../../contract/contract-bounds'
import { ContractReader, type OnContractFault } from '../../../contract/read-contract'

/** What is read of contracts in one turn of the event loop: contracts, methods and events. */
export const WORK_OF_A_TURN = 2_000

/**
 * Reads a list of contracts, which may be long: in turns, between which the node does other work. Contracts that this
 * version can't read are left out: a newer node may have them.
 */
export class ListReading {
  private readonly reader: ContractReader
  private readonly length: number
  private at = 0

  /** @param onFault - called for each thing that is left out */
  constructor (private readonly list: readonly unknown[], onFault?: OnContractFault) {
    this.reader = new ContractReader(onFault)
    if (list.length > MAX_SERVICES) onFault?.('overlongContracts', `${list.length} services`)
    this.length = Math.min(list.length, MAX_SERVICES)
  }

  /** Begins to read the text of a list; undefined where it is none. */
  static ofText (text: string, onFault?: OnContractFault): ListReading | undefined {
    let list: unknown
    try {
      list = JSON.parse(text)
    } catch {
      return undefined
    }
    return Array.isArray(list) ? new ListReading(list, onFault) : undefined
  }

  /** Reads on for one turn. Returns whether there is more. */
  step (): boolean {
    const end = this.work + WORK_OF_A_TURN
    while (this.at < this.length && this.work < end) this.reader.read(this.list[this.at++])
    return this.at < this.length
  }

  /** The work so far. */
  get work (): number {
    return this.reader.work
  }

  /** The contracts, as far as they have been read. */
  get contracts (): readonly Contract[] {
    return this.reader.contracts
  }
}
