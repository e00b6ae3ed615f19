import { MAX_SERVICES } from '../../contract/contract-bounds'
import { JsonTree, ownField } from '../../contract/json-tree'
import { ContractReader, type OnContractFault } from '../../contract/read-contract'
import { nameField, type ContractsReply } from './control'

/** What is read of contracts in one turn of the event loop: contracts, methods and events. */
const WORK_OF_A_TURN = 2_000

/** An answer to the question for contracts, without those. */
export type ContractsHeader = Omit<ContractsReply, 'contracts'>

/**
 * Reads an answer with contracts, which may be long: in turns, between which the node does other work. Contracts that
 * this version can't read are left out: a newer node may have them.
 */
export class ContractsReading {
  private readonly reader: ContractReader
  private at = 0

  private constructor (
    readonly header: ContractsHeader, private readonly list: readonly unknown[], private readonly length: number,
    onFault: OnContractFault | undefined
  ) {
    this.reader = new ContractReader(onFault)
  }

  /** Begins to read an answer; undefined where it is none. */
  static of (value: unknown, onFault?: OnContractFault): ContractsReading | undefined {
    const tree = new JsonTree()
    const fields = tree.record(value)
    const list = fields === undefined ? undefined : tree.list(ownField(fields, 'contracts'))
    if (fields === undefined || list === undefined) return undefined
    const header = headerOf(fields)
    if (header === undefined) return undefined
    if (list.length > MAX_SERVICES) onFault?.('overlongContracts', `${list.length} services`)
    return new ContractsReading(header, list, Math.min(list.length, MAX_SERVICES), onFault)
  }

  /** Reads on for one turn. Returns whether there is more. */
  step (): boolean {
    const end = this.reader.work + WORK_OF_A_TURN
    while (this.at < this.length && this.reader.work < end) this.reader.read(this.list[this.at++])
    return this.at < this.length
  }

  /** The whole answer, as far as it has been read. */
  get reply (): ContractsReply {
    return { ...this.header, contracts: this.reader.contracts }
  }
}

function headerOf (fields: object): ContractsHeader | undefined {
  const id = ownField(fields, 'id')
  const revision = ownField(fields, 'revision')
  const now = ownField(fields, 'now')
  if (id !== undefined && typeof id !== 'string') return undefined
  if (typeof revision !== 'number' || !Number.isInteger(revision) || typeof now !== 'number') return undefined
  return { id, name: nameField({ name: ownField(fields, 'name') }, 'name'), revision, now }
}
