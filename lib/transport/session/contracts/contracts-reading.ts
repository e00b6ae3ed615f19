import { JsonTree, ownField } from '../../../contract/json-tree'
import type { OnContractFault } from '../../../contract/read-contract'
import { nameField, type ContractsReply } from '../control'
import { ListReading } from './list-reading'

/** An answer to the question for contracts, without those. */
export type ContractsHeader = Omit<ContractsReply, 'contracts'>

/** What a peer tells of itself. */
export type Told = Pick<ContractsReply, 'name' | 'observer'>

/** Reads an answer with contracts, in turns. */
export class ContractsReading {
  private constructor (readonly header: ContractsHeader, private readonly list: ListReading) {}

  /** Begins to read an answer; undefined where it is none. */
  static of (value: unknown, onFault?: OnContractFault): ContractsReading | undefined {
    const tree = new JsonTree()
    const fields = tree.record(value)
    const list = fields === undefined ? undefined : tree.list(ownField(fields, 'contracts'))
    if (fields === undefined || list === undefined) return undefined
    const header = headerOf(fields)
    return header === undefined ? undefined : new ContractsReading(header, new ListReading(list, onFault))
  }

  /** Reads on for one turn. Returns whether there is more. */
  step (): boolean {
    return this.list.step()
  }

  /** The whole answer, as far as it has been read. */
  get reply (): ContractsReply {
    return { ...this.header, contracts: this.list.contracts }
  }
}

/** Reads what an answer tells beside contracts; undefined where it is none. */
export function readHeader (value: unknown): ContractsHeader | undefined {
  const fields = new JsonTree().record(value)
  return fields === undefined ? undefined : headerOf(fields)
}

function headerOf (fields: object): ContractsHeader | undefined {
  const given = ownField(fields, 'id')
  const id = nameField({ id: given }, 'id')
  const revision = ownField(fields, 'revision')
  const now = ownField(fields, 'now')
  if (given !== id) return undefined
  if (typeof revision !== 'number' || !Number.isInteger(revision) || typeof now !== 'number') return undefined
  const observer = ownField(fields, 'observer') === true ? { observer: true as const } : {}
  return { id, name: nameField({ name: ownField(fields, 'name') }, 'name'), revision, now, ...observer }
}
