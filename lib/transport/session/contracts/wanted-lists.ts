import type { Contract } from '../../../contract/contract'
import { contain } from '../../boundary'
import type { OnRejected } from '../../rejections'
import { hashed, MAX_LIST_LENGTH, type ContractList } from './contract-list'
import type { KnownLists } from './known-lists'
import { MAX_HASHES, type ListsAnswer } from './lists-question'
import { OpenQuestions, type Role } from './open-questions'
import type { ListSource } from './list-source'
import { ReadingQueue, type Giver, type UnreadList } from './reading-queue'
import { UnprovenSources } from './unproven-sources'
import { hashOf, isFree, MAX_HELPERS, mayBeAsked, mayHelp, newlyWanted, type Wanted } from './wanted-list'

/** Milliseconds after which nodes are asked again that could not be asked. */
const PAUSE_MS = 500
/** Nodes beside its owners that do not give a list before an owner is asked for it. */
const MIN_HELPERS = 2
/** When no more lists than this are wanted, they are of nodes that have just come, and only these hold them. */
const FEW_LISTS = 8
/** Lists that are wanted at a time. */
const MAX_WANTED = 4_096

/**
 * The lists of contracts whose hashes this node has heard, and that it does not know. Any node may hold them, so each
 * that is asked for its own one is asked for all others as well, one after the other. So a newcomer dials few nodes.
 */
export class WantedLists {
  private readonly sources = new Set<ListSource>()
  private readonly wanted = new Map<string, Wanted>()
  private readonly offers = new Map<ListSource, string>()
  private readonly asking: OpenQuestions<ListSource>
  /** Nodes that left a question unanswered: until they answer, only their own lists are reserved for them. */
  private readonly silent = new Set<ListSource>()
  private readonly unproven = new UnprovenSources()
  /** Nodes that are connected, or were. */
  private readonly connected = new Set<ListSource>()
  private readonly reading: ReadingQueue
  private stopped = false
  private timer: NodeJS.Timeout | undefined

  /** @param known - the lists that are here */
  constructor (readonly known: KnownLists, private readonly onRejected: OnRejected = () => {}) {
    this.reading = new ReadingQueue(onRejected, list => this.finish(list), hash => this.wanted.has(hash))
    this.asking = new OpenQuestions({ onSilence: source => this.onSilence(source), onRoom: () => this.ask() })
  }

  /** How many lists are wanted, and how many nodes are asked. */
  get size (): { readonly wanted: number, readonly asked: number } {
    return { wanted: this.wanted.size, asked: this.asking.size }
  }

  /**
   * A node offers the list of a hash: it gets the list as soon as that is here, and never before this returns.
   *
   * @param told - the list itself, as the hello of the node carries it
   * @returns whether there was room: otherwise the node is to be asked for its contracts
   */
  want (hash: string, source: ListSource, told?: string): boolean {
    if (this.stopped) return true
    this.sources.add(source)
    if (source.isConnected) this.connected.add(source)
    if (this.offers.get(source) !== hash) this.release(source)
    const known = this.known.get(hash)
    if (known !== undefined) {
      setImmediate(() => this.deliver(known, [source]))
      return true
    }
    if (!this.hasRoomFor(hash, source)) return false
    this.offers.set(source, hash)
    const wanted = this.wanted.get(hash) ?? newlyWanted()
    this.wanted.set(hash, wanted)
    wanted.owners.add(source)
    wanted.asked.delete(source)
    const isFull = this.reading.isFull || this.unproven.isFull
    const list = wanted.isHere || isFull ? undefined : this.known.unread(hash, source, told)
    if (list === undefined) this.ask()
    else this.read({ ...list, source })
    return true
  }

  /** Whether a list is wanted, and has not come. */
  isMissing (hash: string): boolean { return this.wanted.get(hash)?.isHere === false }

  /** A node offers no list that is wanted. */
  release (source: ListSource): void {
    const hash = this.offers.get(source)
    if (hash === undefined) return
    this.offers.delete(source)
    const wanted = this.wanted.get(hash)
    wanted?.owners.delete(source)
    if (wanted?.owners.size === 0) this.wanted.delete(hash)
  }

  /** A node is gone, or offers no list by its hash any more. */
  drop (source: ListSource): void {
    const { sources, connected, silent, unproven } = this
    for (const collection of [sources, connected, silent, unproven]) collection.delete(source)
    this.release(source)
    this.free(source)
    this.ask()
  }

  /** Whether a node may join by a list that it has not given itself: its hello may be anybody's. */
  trust (source: ListSource, offered: readonly Contract[]): boolean { return this.unproven.add(source, offered) }

  /** A node has answered. */
  prove (source: ListSource): void {
    this.unproven.delete(source)
    if (this.sources.has(source)) this.connected.add(source)
  }

  /**
   * A node is about to be asked. Returns the hashes of what it is asked for: its own list, which is reserved for it,
   * and those of others, which stay free, as it may be silent.
   */
  assign (source: ListSource): readonly string[] {
    this.free(source)
    const free = [...this.wanted].filter(([, wanted]) => isFree(wanted))
    const own = free.filter(([, { owners }]) => owners.has(source))
    const others = free.filter(([, wanted]) => mayHelp(wanted, source)).slice(0, MAX_HASHES - own.length)
    const isOwner = own.length > 0
    const half = Math.max(FEW_LISTS, Math.ceil(others.length / 2)) // A helper may be slow, or give few at a time.
    const reserved = isOwner ? own : this.isHelper(source) ? others.slice(0, half) : []
    if (reserved.length === 0) return []
    for (const [, wanted] of reserved) {
      wanted.by = source
      wanted.asked.add(source)
    }
    const beside = this.asking.mayAskBeside ? others.slice(isOwner ? 0 : half) : []
    const role = isOwner ? 'owner' : 'helper'
    this.asking.begin(source, { reserved: reserved.map(hashOf), role, asksBeside: beside.length > 0 })
    return [...reserved, ...beside].map(hashOf)
  }

  /** A node has answered the question for some lists. */
  answered (source: ListSource, hashes: readonly string[], { lists, more }: ListsAnswer): void {
    const missing = new Set(hashes)
    for (const sent of lists.slice(0, hashes.length)) this.take(source, sent, missing)
    this.silent.delete(source)
    this.prove(source)
    this.asking.answered(source)
    const reserved = this.free(source)
    // It holds others as well, and is asked for them.
    if (more === true && missing.size < hashes.length) {
      for (const hash of missing) this.wanted.get(hash)?.asked.delete(source)
    } else {
      for (const hash of missing) this.wanted.get(hash)?.asked.add(source)
      // While many nodes start, most don't hold those yet that they are asked for beside their own.
      this.countHelper(source, reserved.filter(hash => missing.has(hash)))
    }
    this.ask()
  }

  /** A node that asked for lists gave one, which may be wanted here. Nobody asked it for that, so it need not be. */
  receive (sent: string, source: Giver): void {
    if (this.stopped || this.wanted.size === 0) return
    const list = hashed(sent)
    if (this.isMissing(list.hash)) this.read({ ...list, source })
  }

  /** A node can't be asked after all, or its connection broke. */
  failed (source: ListSource): void {
    const hashes = this.free(source)
    this.ask()
    // Others first. If none of them gives the list, it can be asked again.
    for (const hash of hashes) this.wanted.get(hash)?.asked.delete(source)
    this.askLater()
  }

  /** Nobody is asked any more. */
  stop (): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.asking.stop()
    const { sources, wanted, offers, silent, unproven, connected } = this
    for (const collection of [sources, wanted, offers, silent, unproven, connected]) collection.clear()
    this.reading.clear()
  }

  private onSilence (source: ListSource): void {
    this.silent.add(source)
    // Otherwise many silent nodes, asked one after the other, could keep a list from being asked of its owner.
    this.countHelper(source, this.free(source))
    this.ask()
  }

  /** A node that owns none of these lists did not give them. */
  private countHelper (source: ListSource, hashes: Iterable<string>): void {
    for (const hash of hashes) {
      const wanted = this.wanted.get(hash)
      if (wanted?.owners.has(source) === false) wanted.helpers++
    }
  }

  private take (source: ListSource, sent: string, missing: Set<string>): void {
    const list = sent.length > MAX_LIST_LENGTH ? undefined : hashed(sent)
    if (list === undefined || !missing.delete(list.hash)) {
      this.onRejected('wrongContracts', source.address, `from node ${source.id}`)
      return
    }
    if (this.isMissing(list.hash)) this.read({ ...list, source })
  }

  private ask (): void {
    this.askAll('helper', () => this.nextHelper(this.wanted.size > FEW_LISTS ? MIN_HELPERS : 0))
    this.askAll('owner', () => this.nextOwner())
    // While a mesh starts, nodes that did not hold a list may do so soon, and others have just been connected.
    this.askAll('helper', () => this.nextHelper(MAX_HELPERS))
    if (this.stopped) return
    if (this.asking.roomFor('owner') > 0) this.askLater()
    else this.asking.waitForOwners()
  }

  private askAll (role: Role, next: () => ListSource | undefined): void {
    while (!this.stopped && this.asking.roomFor(role) > 0) {
      const source = next()
      if (source === undefined) return
      contain(this.onRejected, source.address, () => source.fetch())
      // It could not be asked after all.
      if (!this.asking.has(source)) return
    }
  }

  private hasRoomFor (hash: string, { address }: ListSource): boolean {
    if (this.wanted.has(hash) || this.wanted.size < MAX_WANTED) return true
    this.onRejected('crowdedOut', address)
    return false
  }

  /** Nodes that were asked a lot may be asked again after a pause. */
  private askLater (): void {
    if (this.timer !== undefined || ![...this.wanted.values()].some(mayBeAsked)) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.ask()
    }, PAUSE_MS)
  }

  /** Whether a node can be asked for its own list. */
  private isOwner (source: ListSource): boolean {
    const wanted = this.wanted.get(this.offers.get(source) ?? '')
    return wanted !== undefined && isFree(wanted) && !wanted.asked.has(source)
  }

  /** Whether a node answers, as far as this one knows. */
  private isHelper (source: ListSource): boolean {
    return source.isConnected && !this.silent.has(source)
  }

  /** The node to ask next for lists of others. One whose own list is wanted is asked for both, when its turn comes. */
  private nextHelper (most: number): ListSource | undefined {
    const free = [...this.wanted.values()].filter(wanted => isFree(wanted) && wanted.helpers < most)
    if (free.length === 0) return undefined
    for (const source of this.connected) {
      if (!this.isHelper(source) || !source.isFree || this.isOwner(source)) continue
      if (free.some(wanted => mayHelp(wanted, source))) return source
    }
    return undefined
  }

  /** The node to ask next for its own list. */
  private nextOwner (): ListSource | undefined {
    const free = [...this.wanted.values()].filter(isFree)
    // All nodes ask others first, so that each learns from them what it would have had to ask somebody else for.
    const first = Math.floor(Math.random() * free.length)
    for (const { owners, asked } of [...free.slice(first), ...free.slice(0, first)]) {
      for (const owner of owners) if (owner.isFree && !asked.has(owner)) return owner
    }
    return undefined
  }

  /** What was reserved for a node may be asked of others. Returns what that was. */
  private free (source: ListSource): readonly string[] {
    const hashes = this.asking.end(source)
    for (const hash of hashes) {
      const wanted = this.wanted.get(hash)
      if (wanted?.by === source) wanted.by = undefined
    }
    return hashes
  }

  private read (list: UnreadList): void {
    const wanted = this.wanted.get(list.hash)
    if (wanted !== undefined) wanted.isHere = true
    this.reading.add(list)
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
