import type { Contract } from '../../contract/contract'
import type { OnContractFault } from '../../contract/read-contract'
import type { Peer, ReplyHandler, TransportHost } from '../transport'
import { AskPace } from './ask-pace'
import { ContractsReading } from './contracts-reading'
import { clockOf, type ContractsReply } from './control'

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
  /** Sends the peer a request for its contracts. */
  readonly request: (handler: ReplyHandler) => void
  readonly onContracts: (peer: Peer) => void
  /** Another node answers at the address of the peer. */
  readonly onOtherNode: (id: string) => void
  /** The answer was not one. */
  readonly onUnreadable: (answer: unknown) => void
  /** There was no answer. Returns whether to ask again at once, as there is another connection. */
  readonly onFailure: (reason: string) => boolean
}

/** What a peer offers, asked for each time that it announces another revision. */
export class ContractExchange {
  /** The contracts of the peer, as it last reported them. */
  contracts: readonly Contract[] = []
  private known = -1
  private announced = 0
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

  /** The peer announced a revision of its contracts. */
  update (revision: number | undefined): void {
    this.announced = revision ?? 0
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

  private ask (): void {
    this.isAsking = true
    this.hasFailed = false
    this.wanted = this.announced
    this.pace.onAsk()
    this.options.request({
      settle: (error, value) => {
        const { peerId, address, host } = this.options
        const onFault: OnContractFault = (fault, what) => host.onRejected?.(fault, address(), `${what} of node ${peerId}`)
        const reading = ContractsReading.of(value, onFault)
        if (reading !== undefined) return this.receive(reading)
        this.isAsking = false
        this.options.onUnreadable(error ?? value)
      },
      fail: ({ message }) => {
        this.isAsking = false
        this.hasFailed = true
        if (this.options.onFailure(message)) this.fetch()
      }
    })
  }

  /** Asks once more if the peer did not get the last question. */
  retry (): void {
    if (this.hasFailed) this.fetch()
  }

  /** The peer is gone: nothing is asked any more, and no answer counts. */
  stop (): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private receive (reading: ContractsReading): void {
    const { id } = reading.header
    const { peerId, onOtherNode } = this.options
    if (id !== undefined && id !== peerId) {
      this.isAsking = false
      return onOtherNode(id)
    }
    this.isReading = true
    this.read(reading, 0)
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
    const { peerId, key, host, onContracts } = this.options
    const { name, revision } = reply
    const contracts = host.admit?.(peerId, reply.contracts) ?? reply.contracts
    const { isWanted } = this
    this.isAsking = this.isReading = this.isWanted = false
    // A hello that came meanwhile may have announced more; but a peer may also never have what it announces.
    this.pace.onAnswer(tookMs, revision >= this.wanted)
    this.known = revision
    this.contracts = contracts
    onContracts({ id: peerId, ...name === undefined ? {} : { name }, key, contracts })
    if (isWanted || revision < this.announced) this.fetch()
  }
}

/** What a node answers to a peer that asks for its contracts. */
export function contractsReply (host: TransportHost, revision: number): ContractsReply {
  const { id, name } = host
  return { id, ...name === undefined ? {} : { name }, revision, contracts: host.contracts(), ...clockOf(host) }
}
