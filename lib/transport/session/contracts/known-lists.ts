import type { Contract } from '../../../contract/contract'
import { bytesOfAll } from '../../../contract/contract-size'
import type { OnRejected } from '../../rejections'
import { hashed, writeList, type ContractList, type ListText } from './contract-list'
import type { Giver } from './reading-queue'
import { readToldList } from './told-list'

/** Bytes of memory, estimated, that the lists take which a node remembers by their hashes. */
export const MAX_LISTS_BYTES = 64 * 1_048_576

/** The list of a node that has not offered its services yet, or has none. */
const NOTHING: ContractList = { ...hashed('[]'), contracts: [] }

/**
 * The lists of contracts that a node knows by their hashes: its own, and those of other nodes of its mesh. It hands
 * them on to any of them. What a node is told does not depend on who it is, so no list is hidden from some.
 */
export class KnownLists {
  /** That of this node; undefined where it is too long for a hash. */
  own: ListText | undefined
  private readonly byHash = new Map<string, ContractList>()
  private size = 0

  /** @param maxBytes - what they may take; beyond it, the list that was used longest ago is forgotten */
  constructor (private readonly onRejected: OnRejected = () => {}, private readonly maxBytes = MAX_LISTS_BYTES) {}

  /** The bytes that all lists of other nodes take, estimated. */
  get bytes (): number {
    return this.size
  }

  /** This node offers these contracts from now on. The text is made once for each change. */
  offer (contracts: readonly Contract[]): void {
    this.own = writeList(contracts)
  }

  /** A list that was read before. */
  get (hash: string): ContractList | undefined {
    if (hash === NOTHING.hash) return NOTHING
    const list = this.byHash.get(hash)
    if (list === undefined) return undefined
    this.byHash.delete(hash)
    this.byHash.set(hash, list)
    return list
  }

  /**
   * A list that is here and was never read, so that nobody need be asked for it: this node offers the same, or the
   * hello of its owner carried it.
   */
  unread (hash: string, { id, address }: Giver, told: string | undefined): ListText | undefined {
    if (this.own?.hash === hash) return this.own
    if (told === undefined) return undefined
    const list = readToldList(told, hash)
    if (list === undefined) this.onRejected('wrongContracts', address, `in a hello of node ${id}`)
    return list
  }

  /** The text of a list that this node can hand on. */
  textOf (hash: string): string | undefined {
    return this.own?.hash === hash ? this.own.text : this.get(hash)?.text
  }

  /** Contracts of a node as all others read them, in its own order: of equal lists, the same objects. */
  share (contracts: readonly Contract[]): readonly Contract[] {
    const written = hashed(JSON.stringify(contracts))
    const known = this.get(written.hash)
    if (known !== undefined) return known.contracts
    const shared = frozen(JSON.parse(written.text) as Contract[]) // they are plain data
    this.add({ ...written, contracts: shared })
    return shared
  }

  /** Remembers a list that was read. */
  add (list: ContractList): void {
    if (this.get(list.hash) !== undefined) return
    this.byHash.set(list.hash, list)
    this.size += bytesOf(list)
    for (const oldest of this.byHash.values()) {
      if (this.size <= this.maxBytes) return
      this.byHash.delete(oldest.hash)
      this.size -= bytesOf(oldest)
      this.onRejected('forgottenContracts', 'this node')
    }
  }
}

/** A character of a text takes one byte or two; most take one. */
function bytesOf ({ text, contracts }: ContractList): number {
  return text.length + bytesOfAll(contracts)
}

/** What several nodes of a process share, none of them may change. */
function frozen<T extends object> (value: T): T {
  for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) frozen(item)
  return Object.freeze(value)
}
