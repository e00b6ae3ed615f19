import type { Contract } from '../../../contract/contract'
import type { OnContractFault } from '../../../contract/read-contract'
import type { Peer, ReplyHandler, TransportHost } from '../../transport'
import { AskPace } from './ask-pace'
import type { ContractList } from './contract-list'
import { ContractsReading, readHeader, type ContractsHeader, type Told } from './contracts-reading'
import { clockOf, type ContractsReply } from '../control'
import { answerOf, readAnswer, readQuestion, type ListsAnswer } from './lists-question'
import type { KnownLists } from './known-lists'
import type { ListSource } from './list-source'
import type { WantedLists } from './wanted-lists'

/** What {@link ContractExchange} needs of its peer. */
export interface ContractExchangeOptions {
  /** The id of the peer. */
  readonly peerId: string
  /** The key of the peer. */
  readonly key: string
  /** Where the peer is, for what is left out of its answers. */
  readonly address: () => string
  /** Says for which contracts this node has room, and counts what is left out. */
  readonly host: Pick<TransportHost, 'admit' | 'onRejected'>
  /** Sends the peer a request for its contracts; or, with `hashes`, for the lists that these are the hashes of. */
  readonly request: (handler: ReplyHandler, hashes?: readonly string[]) => void
  readonly onContracts: (peer: Peer) => void
  /** Another node answers at the address of the peer. */
  readonly onOtherNode: (id: string) => void
  /** The answer was not one. */
  readonly onUnreadable: (answer: unknown) => void
  /** There was no answer. Returns whether to ask again at once, as there is another connection. */
  readonly onFailure: (reason: string) => boolean
  /** The lists that the node wants, of this peer and of others. Without them, the peer is asked for its contracts. */
  readonly lists?: WantedLists
  /** Whether there is a connection to the peer. */
  readonly isConnected?: () => boolean
  /** What the peer is called, as far as its hello tells. */
  readonly name?: () => string | undefined
  /** Whether the peer joins by a list that it has not given itself. It is asked first otherwise. */
  readonly mayJoin?: (peer: Peer) => boolean
  /** The peer has answered. */
  readonly onAnswer?: () => void
}

/** What a peer offers, asked for each time that it announces another list, or another revision of its contracts. */
export class ContractExchange implements ListSource {
  /** The contracts of the peer, as it last reported them. */
  contracts: readonly Contract[] = []
  private known = -1
  private announced = 0
  /** The hash of the list that the peer announced, and of the one that it joined by. */
  private offered: string | undefined
  private taken: string | undefined
  /** The hash of a list that the peer has, as it says, and does not give. */
  private withheld: string | undefined
  /** A list of which the peer has to tell itself that it is its own; and the hash of the one that it told. */
  private unconfirmed: ContractList | undefined
  private confirmed: string | undefined
  /** The revision that was announced when the peer was asked. */
  private wanted = 0
  private isAsking = false
  /** Whether the answer has come, and is read in turns. */
  private isReading = false
  /** Whether to ask again after that. */
  private isWanted = false
  private hasFailed = false
  private stopped = false
  private readonly pace = new AskPace()
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly options: ContractExchangeOptions) {}

  get id (): string { return this.options.peerId }

  get address (): string { return this.options.address() }

  get isConnected (): boolean { return !this.stopped && this.options.isConnected?.() === true }

  get isFree (): boolean {
    return !this.isAsking && !this.isReading && !this.stopped && this.timer === undefined && this.pace.waitMs === 0
  }

  /** Whether the peer has told itself that it offers the list that its hello tells. */
  protected get isConfirmed (): boolean { return this.offered !== undefined && this.offered === this.confirmed }

  /** The peer tells the hash of its list, on whichever question. */
  protected confirm (hash: unknown): void { if (hash === this.offered) this.confirmed = this.offered }

  /** The peer announced a revision of its contracts, and where they go by it the hash of their list, or all of that. */
  update (revision: number | undefined, hash?: string, told?: string): void {
    if (this.stopped) return
    const { lists } = this.options
    this.announced = revision ?? 0
    if (lists === undefined || hash === undefined || hash === this.withheld) return this.followPlainly(revision)
    this.offered = hash
    if (hash === this.taken) lists.release(this)
    else if (!lists.want(hash, this, this.pace.allowed(told))) this.followPlainly(revision)
  }

  /** The peer goes by its revision alone. */
  private followPlainly (revision: number | undefined): void {
    if (this.offered !== undefined) this.options.lists?.drop(this)
    this.offered = this.taken = undefined
    if (revision !== this.known) this.fetch()
  }

  /**
   * Asks for the contracts, unless that is under way: now, or after a pause where the peer was asked a lot.
   *
   * @returns whether an answer is on its way; what waits for one must not wait for the pause
   */
  fetch (): boolean {
    if (this.isReading) this.isWanted = true
    if (this.isAsking || this.stopped || this.timer !== undefined) return this.isAsking && !this.isReading
    const { waitMs } = this.pace
    if (waitMs === 0) {
      this.ask()
      return this.isAsking
    }
    this.timer = setTimeout(() => {
      this.timer = undefined
      // Also where the known revision is the announced one: the question may be for the clock of the peer.
      this.fetch()
    }, waitMs)
    return false
  }

  /** The list that the peer offers is here, from whomever. */
  onList (list: ContractList): void {
    if (this.stopped || list.hash !== this.offered || list.hash === this.taken) return
    const { mayJoin, name } = this.options
    if (!this.isConfirmed && mayJoin?.(this.peerWith(list.contracts, { name: name?.() })) === false) {
      this.unconfirmed = list
      this.fetch()
      return
    }
    this.unconfirmed = undefined
    this.taken = list.hash
    this.known = this.announced
    this.join(list.contracts, { name: name?.() })
  }

  private ask (): void {
    const { peerId, address, host, lists, request, onUnreadable, onFailure } = this.options
    const hashes = this.offered === undefined ? undefined : lists?.assign(this)
    this.isAsking = true
    this.hasFailed = false
    this.wanted = this.announced
    this.pace.onAsk()
    request({
      settle: (error, value) => {
        const header = hashes === undefined ? undefined : readHeader(value)
        const answer = header === undefined ? undefined : readAnswer(value)
        if (header !== undefined && answer !== undefined) return this.onAnswer(header, answer, hashes)
        if (hashes !== undefined) lists?.failed(this)
        const onFault: OnContractFault = (fault, what) => host.onRejected?.(fault, address(), `${what} of node ${peerId}`)
        const reading = ContractsReading.of(value, onFault)
        if (reading !== undefined) return this.receive(reading)
        this.isAsking = false
        onUnreadable(error ?? value)
      },
      fail: ({ message }) => {
        this.isAsking = false
        this.hasFailed = true
        if (hashes !== undefined) lists?.failed(this)
        if (onFailure(message)) this.fetch()
      }
    }, hashes)
  }

  /** Asks once more if the peer did not get the last question. */
  retry (): void {
    if (this.hasFailed) this.fetch()
  }

  /** The peer is gone: nothing is asked any more, and no answer counts. */
  stop (): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.options.lists?.drop(this)
  }

  /** The peer gave those lists that it holds, and told which is its own. */
  private onAnswer (
    { id, revision }: ContractsHeader, answer: ListsAnswer, hashes: readonly string[] | undefined
  ): void {
    const { lists, onOtherNode } = this.options
    this.isAsking = false
    if (this.isOther(id)) {
      lists?.failed(this)
      return onOtherNode(id)
    }
    const { offered, unconfirmed } = this
    this.confirmed = answer.hash
    this.pace.onAnswer(0, revision >= this.wanted)
    this.prove()
    lists?.answered(this, hashes ?? [], answer)
    if (this.stopped) return
    // A later hello has overtaken the answer: what that says counts.
    if (revision < this.announced) this.fetch()
    // It may have changed since its hello, and its next one may be late.
    else if (answer.hash !== offered) this.onOtherList(revision, answer.hash)
    else if (unconfirmed !== undefined) this.onList(unconfirmed)
    else if (offered !== undefined) this.onConfirmed(offered, hashes)
    // It was asked for lists, and goes by none any more.
    else if (revision !== this.known) this.fetch()
  }

  private onConfirmed (offered: string, asked: readonly string[] | undefined): void {
    if (asked?.includes(offered) === true && this.options.lists?.isMissing(offered) === true) this.onWithheld(offered)
  }

  private onOtherList (revision: number, hash: string | undefined): void {
    const { host, address, peerId } = this.options
    // A revision has one list.
    if (revision === this.announced) host.onRejected?.('wrongContracts', address(), `from node ${peerId}`)
    this.update(revision, hash)
  }

  /** Nobody else is asked for the list, as nobody but its owner need have it: that is asked as a node of 0.1 is. */
  private onWithheld (hash: string): void {
    this.withheld = hash
    this.followPlainly(undefined)
  }

  private receive (reading: ContractsReading): void {
    const { id } = reading.header
    if (this.isOther(id)) {
      this.isAsking = false
      return this.options.onOtherNode(id)
    }
    this.prove()
    this.isReading = true
    this.read(reading, 0)
  }

  private isOther (id: string | undefined): id is string {
    return id !== undefined && id !== this.options.peerId
  }

  private prove (): void {
    this.options.lists?.prove(this)
    this.options.onAnswer?.()
  }

  /** Reads one part of an answer in each turn of the event loop. */
  private read (reading: ContractsReading, tookMs: number): void {
    if (this.stopped) return
    const startedAt = performance.now()
    const hasMore = reading.step()
    const took = tookMs + performance.now() - startedAt
    if (hasMore) setImmediate(() => this.read(reading, took))
    else this.take(reading.reply, took)
  }

  private take (reply: ContractsReply, tookMs: number): void {
    const { revision } = reply
    const { isWanted } = this
    this.isAsking = this.isReading = this.isWanted = false
    // A hello that came meanwhile may have announced more; but a peer may also never have what it announces.
    this.pace.onAnswer(tookMs, revision >= this.wanted)
    this.known = revision
    this.join(reply.contracts, reply)
    if (isWanted || revision < this.announced) this.fetch()
  }

  private join (offered: readonly Contract[], told: Told): void {
    const { peerId, host, onContracts } = this.options
    this.contracts = host.admit?.(peerId, offered) ?? offered
    onContracts(this.peerWith(this.contracts, told))
  }

  private peerWith (contracts: readonly Contract[], { name, observer }: Told): Peer {
    const { peerId: id, key } = this.options
    const kind = observer === true ? { isObserver: true } : {}
    return { id, ...name === undefined ? {} : { name }, key, contracts, ...kind }
  }
}

/** What a node answers to a peer that asks for its contracts. */
export function contractsReply (host: TransportHost, revision: number): ContractsReply {
  return { ...headerOf(host, revision), contracts: host.contracts() }
}

/**
 * What a node answers to a peer that asks for lists by their hashes; undefined where it asks for contracts.
 *
 * @param known - the lists that the node can hand on
 */
export function listsReply (
  host: TransportHost, revision: number, data: unknown, known: KnownLists
): ContractsHeader & ListsAnswer | undefined {
  const question = readQuestion(data)
  return question === undefined ? undefined : { ...headerOf(host, revision), ...answerOf(question, known) }
}

function headerOf (host: TransportHost, revision: number): ContractsHeader {
  const { id, name, isObserver } = host
  const kind = isObserver === true ? { observer: isObserver } : {}
  return { id, ...name === undefined ? {} : { name }, ...kind, revision, ...clockOf(host) }
}
