import type { Contract } from '../../contract/contract'
import type { Peer, ReplyHandler, TransportHost } from '../transport'
import { clockOf, readContractsReply, type ContractsReply } from './control'

/** What {@link ContractExchange} needs of its peer. */
export interface ContractExchangeOptions {
  /** The id of the peer. */
  readonly peerId: string
  /** The key of the peer. */
  readonly key: string
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
  private isAsking = false
  private hasFailed = false
  private stopped = false

  constructor (private readonly options: ContractExchangeOptions) {}

  /** The peer announced a revision of its contracts. */
  update (revision: number | undefined): void {
    this.announced = revision ?? 0
    if (revision !== this.known) this.fetch()
  }

  /** Asks for the contracts, unless that is under way. */
  fetch (): void {
    if (this.isAsking || this.stopped) return
    this.isAsking = true
    this.hasFailed = false
    this.options.request({
      settle: (error, value) => {
        this.isAsking = false
        const reply = readContractsReply(value)
        if (reply === undefined) this.options.onUnreadable(error ?? value)
        else this.receive(reply)
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
  }

  private receive (reply: ContractsReply): void {
    const { peerId, key, onOtherNode, onContracts } = this.options
    if (reply.id !== undefined && reply.id !== peerId) return onOtherNode(reply.id)
    if (this.stopped) return
    const isNewer = reply.revision > this.known
    this.known = reply.revision
    this.contracts = reply.contracts
    const { name, contracts } = reply
    onContracts({ id: peerId, ...name === undefined ? {} : { name }, key, contracts })
    // A hello that came meanwhile may have announced more. A peer whose answers don't advance is not asked for ever.
    if (isNewer && reply.revision < this.announced) this.fetch()
  }
}

/** What a node answers to a peer that asks for its contracts. */
export function contractsReply (host: TransportHost, revision: number): ContractsReply {
  const { id, name } = host
  return { id, ...name === undefined ? {} : { name }, revision, contracts: host.contracts(), ...clockOf(host) }
}
