import { contain } from '../../boundary'
import type { OnRejected } from '../../rejections'
import { hashed, MAX_LIST_LENGTH, type ContractList, type ListText } from './contract-list'
import type { KnownLists } from './known-lists'
import { ListReading, WORK_OF_A_TURN } from './list-reading'
import { MAX_HASHES, type ListsAnswer } from './lists-question'

/** Nodes that are asked at a time. Each that answers may hold what the others would be asked for. */
const MAX_ASKED = 4
/** A node that was asked and gives no answer within this time keeps nobody else from being asked. */
const ANSWER_TIMEOUT_MS = 2_000
/** Milliseconds after which nodes are asked again that could not be asked. */
const PAUSE_MS = 500
/** Nodes beside its owners that are asked for one list alone. */
const MAX_HELPERS = 2
/** A question has so many hashes, even where it could be shared out among more nodes. */
const MIN_SHARE = 8
/** Nodes that have joined by a list that was known, and have not answered themselves. */
const MAX_UNPROVEN = 1_000

/** A node that can be asked for lists: that of its own, and those of the nodes that it knows. */
export interface ListSource {
  readonly id: string
  /** Where it is, for what is rejected of its answers. */
  readonly address: string
  /** Whether there is a connection to it. */
  readonly isConnected: boolean
  /** Whether it can be asked now: it is not asked already, and needs no pause. */
  readonly isFree: boolean
  /** Asks it for what {@link WantedLists.assign} returns. */
  fetch (): void
  /** The list that its hello tells of is here. */
  onList (list: ContractList): void
}

/** A list that somebody offers, and that is not here. */
interface Wanted {
  /** The nodes that offer it. */
  readonly owners: Set<ListSource>
  /** The nodes that were asked for it and did not give it. */
  readonly asked: Set<ListSource>
  /** How many of them are no owners. */
  helpers: number
  /** The one that is asked now. */
  by: ListSource | undefined
  /** Whether it has come, and is about to be read. */
  isHere: boolean
}

interface Unread extends ListText {
  readonly source: ListSource
}

/**
 * The lists of contracts whose hashes this node has heard, and that it does not know. Any node may hold them: those are
 * asked first to which there is a connection, and each node that has to be dialled is asked for others as well. So a
 * newcomer dials few nodes, whatever the size of the mesh. What does not fit its hash is dropped.
 */
export class WantedLists {
  private readonly sources = new Set<ListSource>()
  private readonly wanted = new Map<string, Wanted>()
  private readonly offers = new Map<ListSource, string>()
  private readonly asking = new Map<ListSource, NodeJS.Timeout>()
  private readonly unproven = new Set<ListSource>()
  private readonly unread: Unread[] = []
  private reading: ListReading | undefined
  private isReading = false
  private stopped = false
  private timer: NodeJS.Timeout | undefined

  /** @param known - the lists that are here */
  constructor (readonly known: KnownLists, private readonly onRejected: OnRejected = () => {}) {}

  /** How many lists are wanted, and how many nodes are asked. */
  get size (): { readonly wanted: number, readonly asked: number } {
    return { wanted: this.wanted.size, asked: this.asking.size }
  }

  /** A node offers the list of a hash: it gets the list as soon as that is here, and never before this returns. */
  want (hash: string, source: ListSource): void {
    if (this.stopped) return
    this.sources.add(source)
    if (this.offers.get(source) !== hash) this.release(source)
    const known = this.known.get(hash)
    if (known !== undefined) {
      setImmediate(() => this.deliver(known, [source]))
      return
    }
    this.offers.set(source, hash)
    const wanted = this.wanted.get(hash) ??
      { owners: new Set<ListSource>(), asked: new Set<ListSource>(), helpers: 0, by: undefined, isHere: false }
    this.wanted.set(hash, wanted)
    wanted.owners.add(source)
    wanted.asked.delete(source)
    const { own } = this.known
    if (own?.hash === hash && !wanted.isHere) this.read({ ...own, source })
    else this.ask()
  }

  /** A node is gone, or offers no list by its hash any more. */
  drop (source: ListSource): void {
    this.sources.delete(source)
    this.unproven.delete(source)
    this.release(source)
    this.free(source)
    this.ask()
  }

  /** Whether a node may join by a list that it has not given itself: its hello may be anybody's. */
  trust (source: ListSource): boolean {
    if (this.unproven.size >= MAX_UNPROVEN) return this.unproven.has(source)
    this.unproven.add(source)
    return true
  }

  /** A node has answered. */
  prove (source: ListSource): void {
    this.unproven.delete(source)
  }

  /** A node is about to be asked. Returns the hashes of what it is asked for, first that of its own list. */
  assign (source: ListSource): readonly string[] {
    const free = [...this.wanted].filter(([, wanted]) => isFree(wanted))
    const own = free.filter(([, { owners }]) => owners.has(source))
    const others = free.filter(([, { owners, asked }]) => !owners.has(source) && !asked.has(source))
    const share = Math.max(MIN_SHARE, Math.ceil(others.length / Math.max(1, MAX_ASKED - this.asking.size)))
    const given = [...own, ...others.slice(0, share)].slice(0, MAX_HASHES)
    for (const [, wanted] of given) {
      wanted.by = source
      wanted.asked.add(source)
      if (!wanted.owners.has(source)) wanted.helpers++
    }
    clearTimeout(this.asking.get(source))
    this.asking.set(source, setTimeout(() => this.failed(source), ANSWER_TIMEOUT_MS))
    return given.map(([hash]) => hash)
  }

  /** A node has answered the question for some lists. */
  answered (source: ListSource, hashes: readonly string[], { lists, more }: ListsAnswer): void {
    const missing = new Set(hashes)
    for (const sent of lists.slice(0, hashes.length)) this.take(source, sent, missing)
    // It holds others as well, and is asked for them.
    if (more === true && missing.size < hashes.length) {
      for (const hash of missing) this.wanted.get(hash)?.asked.delete(source)
    }
    this.free(source)
    this.ask()
  }

  /** A node that was asked gives no answer. */
  failed (source: ListSource): void {
    this.free(source)
    this.ask()
  }

  /** Nobody is asked any more. */
  stop (): void {
    this.stopped = true
    clearTimeout(this.timer)
    for (const timer of this.asking.values()) clearTimeout(timer)
    for (const collection of [this.asking, this.sources, this.wanted, this.offers, this.unproven]) collection.clear()
    this.unread.length = 0
  }

  private take (source: ListSource, sent: string, missing: Set<string>): void {
    const list = sent.length > MAX_LIST_LENGTH ? undefined : hashed(sent)
    if (list === undefined || !missing.delete(list.hash)) {
      this.onRejected('wrongContracts', source.address, `from node ${source.id}`)
      return
    }
    if (this.wanted.get(list.hash)?.isHere === false) this.read({ ...list, source })
  }

  private ask (): void {
    while (!this.stopped && this.asking.size < MAX_ASKED) {
      const source = this.next()
      if (source === undefined) return this.askLater()
      source.fetch()
      // It could not be asked after all.
      if (!this.asking.has(source)) return
    }
  }

  /** Nodes that were asked a lot may be asked again after a pause. */
  private askLater (): void {
    if (![...this.wanted.values()].some(isFree)) return
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.ask()
    }, PAUSE_MS)
  }

  /** The node to ask next: one that is connected, else an owner. */
  private next (): ListSource | undefined {
    const free = [...this.wanted.values()].filter(isFree)
    if (free.length === 0) return undefined
    for (const source of this.sources) {
      if (source.isConnected && source.isFree && free.some(wanted => mayHelp(wanted, source))) return source
    }
    // All nodes ask others first, so that each learns from them what it would have had to ask somebody else for.
    const first = Math.floor(Math.random() * free.length)
    for (const { owners, asked } of [...free.slice(first), ...free.slice(0, first)]) {
      for (const owner of owners) if (owner.isFree && !asked.has(owner)) return owner
    }
    return undefined
  }

  /** What a node was asked for may be asked of others. */
  private free (source: ListSource): void {
    clearTimeout(this.asking.get(source))
    this.asking.delete(source)
    for (const wanted of this.wanted.values()) if (wanted.by === source) wanted.by = undefined
  }

  /** A node offers no list that is wanted. */
  release (source: ListSource): void {
    const hash = this.offers.get(source)
    if (hash === undefined) return
    this.offers.delete(source)
    const wanted = this.wanted.get(hash)
    wanted?.owners.delete(source)
    if (wanted?.owners.size === 0) this.wanted.delete(hash)
  }

  private read (list: Unread): void {
    const wanted = this.wanted.get(list.hash)
    if (wanted !== undefined) wanted.isHere = true
    this.unread.push(list)
    if (this.isReading) return
    this.isReading = true
    setImmediate(() => this.turn())
  }

  /** Reads as much as fits into one turn of the event loop. */
  private turn (): void {
    let work = 0
    while (work < WORK_OF_A_TURN) {
      const [list] = this.unread
      if (list === undefined) {
        this.isReading = false
        return
      }
      const reading = this.reading ??= this.begin(list)
      const before = reading.work
      const hasMore = reading.step()
      work += reading.work - before + 1
      if (hasMore) continue
      this.unread.shift()
      this.reading = undefined
      this.finish({ hash: list.hash, text: list.text, contracts: reading.contracts })
    }
    setImmediate(() => this.turn())
  }

  /** What is no list of contracts has none: its owner made the hash, and nobody else gives another text for it. */
  private begin ({ text, source: { id, address } }: Unread): ListReading {
    const onFault = (fault: 'overlongContracts' | 'malformedContracts', what: string): void =>
      this.onRejected(fault, address, `${what} of a list from node ${id}`)
    const reading = ListReading.ofText(text, onFault)
    if (reading === undefined) onFault('malformedContracts', 'the whole')
    return reading ?? new ListReading([])
  }

  private finish (list: ContractList): void {
    this.known.add(list)
    const { owners = new Set<ListSource>() } = this.wanted.get(list.hash) ?? {}
    this.wanted.delete(list.hash)
    for (const owner of owners) this.offers.delete(owner)
    this.deliver(list, owners)
  }

  private deliver (list: ContractList, to: Iterable<ListSource>): void {
    for (const source of to) {
      if (this.sources.has(source)) contain(this.onRejected, source.address, () => source.onList(list))
    }
  }
}

function isFree ({ by, isHere }: Wanted): boolean {
  return by === undefined && !isHere
}

/** Whether a node that is connected may be asked: an owner has the list, and any other one may have it. */
function mayHelp ({ owners, asked, helpers }: Wanted, source: ListSource): boolean {
  return !asked.has(source) && (owners.has(source) || helpers < MAX_HELPERS)
}
