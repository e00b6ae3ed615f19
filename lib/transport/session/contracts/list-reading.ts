import type { Contract } from '../../../contract/contract'
import { MAX_SERVICES } from '../../../contract/contract-bounds'
import { JsonTree, ParsedJson } from '../../../contract/json-tree'
import { ContractReader, type OnContractFault } from '../../../contract/read-contract'
import { ListItem, parseList } from './list-item'
import { ReadOffers } from './read-offers'

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

  /**
   * @param onFault - called for each thing that is left out
   * @param offers - what was read before; only for what {@link parseList} made
   */
  constructor (
    private readonly list: readonly unknown[], onFault?: OnContractFault, private readonly offers?: ReadOffers
  ) {
    this.reader = new ContractReader(onFault, offers === undefined ? new JsonTree() : new ParsedJson())
    if (list.length > MAX_SERVICES) onFault?.('overlongContracts', `${list.length} services`)
    this.length = Math.min(list.length, MAX_SERVICES)
  }

  /**
   * Begins to read the text of a list; undefined where it is none.
   *
   * @param offers - what was read before, and is not read again
   */
  static ofText (text: string, onFault?: OnContractFault, offers = new ReadOffers()): ListReading | undefined {
    const list = parseList(text, offers)
    return list === undefined ? undefined : new ListReading(list, onFault, offers)
  }

  /** Reads on for one turn. Returns whether there is more. */
  step (): boolean {
    const end = this.work + WORK_OF_A_TURN
    while (this.at < this.length && this.work < end) this.readNext()
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

  private readNext (): void {
    const item = this.list[this.at++]
    if (this.offers === undefined || !(item instanceof ListItem)) this.reader.read(item)
    else this.readItem(item, this.offers)
  }

  private readItem ({ path, text, value, known }: ListItem, offers: ReadOffers): void {
    // Another one of the same list may have had it.
    const read = known ?? offers.get(text)
    if (read !== undefined) return this.reader.readKnown(path, read)
    const offer = this.reader.readNew(value)
    if (offer !== undefined) offers.add(text, offer)
  }
}
