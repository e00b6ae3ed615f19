import type { OnRejected } from '../../rejections'
import type { ContractList, ListText } from './contract-list'
import { ListReading, WORK_OF_A_TURN } from './list-reading'
import { ReadOffers } from './read-offers'

/** Characters of lists that wait to be read, beyond which none is taken that nobody asked for. */
const MAX_UNREAD = 1_048_576

/** So many characters of a text take as long to parse as one contract, method or event to read. */
const CHARACTERS_OF_WORK = 100

/** The node that gave a list. */
export interface Giver {
  readonly id: string
  readonly address: string
}

/** A list that has come, and from whom. */
export interface UnreadList extends ListText {
  readonly source: Giver
}

/** Reads lists one after the other, as much as fits into one turn of the event loop. */
export class ReadingQueue {
  private readonly unread: UnreadList[] = []
  private reading: ListReading | undefined
  private isReading = false
  private characters = 0
  private readonly offers = new ReadOffers()

  /** @param isWanted - whether a list, by its hash, is still to be read when its turn comes */
  constructor (
    private readonly onRejected: OnRejected, private readonly onRead: (list: ContractList) => void,
    private readonly isWanted: (hash: string) => boolean = () => true
  ) {}

  /** Whether so much waits that nothing should be added to it that nobody asked for. */
  get isFull (): boolean {
    return this.characters > MAX_UNREAD
  }

  /** A list has come. It is read in a later turn. */
  add (list: UnreadList): void {
    this.unread.push(list)
    this.characters += list.text.length
    if (this.isReading) return
    this.isReading = true
    setImmediate(() => this.turn())
  }

  /** Reads nothing more. */
  clear (): void {
    this.unread.length = this.characters = 0
  }

  private turn (): void {
    let work = 0
    while (work < WORK_OF_A_TURN) {
      const [list] = this.unread
      if (list === undefined) {
        this.isReading = false
        return
      }
      if (this.reading === undefined && !this.isWanted(list.hash)) {
        this.shift(list)
        continue
      }
      if (this.reading === undefined) work += list.text.length / CHARACTERS_OF_WORK
      const reading = this.reading ??= this.begin(list)
      const before = reading.work
      const hasMore = reading.step()
      work += reading.work - before + 1
      if (hasMore) continue
      this.shift(list)
      this.reading = undefined
      this.onRead({ hash: list.hash, text: list.text, contracts: reading.contracts })
    }
    setImmediate(() => this.turn())
  }

  private shift ({ text }: UnreadList): void {
    this.unread.shift()
    this.characters -= text.length
  }

  /** What is no list of contracts has none: its owner made the hash, and nobody else gives another text for it. */
  private begin ({ text, source: { id, address } }: UnreadList): ListReading {
    const onFault = (fault: 'overlongContracts' | 'malformedContracts', what: string): void =>
      this.onRejected(fault, address, `${what} of a list from node ${id}`)
    const reading = ListReading.ofText(text, onFault, this.offers)
    if (reading === undefined) onFault('malformedContracts', 'the whole')
    return reading ?? new ListReading([])
  }
}
