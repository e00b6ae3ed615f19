import type { Backoff } from '../../session/backoff'
import { ContractExchange } from '../../session/contract-exchange'
import type { Peer, ReplyHandler, TransportHost } from '../../transport'
import { debug } from '../debug'
import type { ConnectionPool } from './connection-pool'
import type { OutboundConnection } from './outbound-connection'
import type { PeerPlaces } from './peer-places'

/** What {@link PeerContracts} needs of the peer. */
export interface PeerContractsOptions {
  readonly id: string
  readonly key: string
  readonly host: Pick<TransportHost, 'admit' | 'onRejected'>
  readonly pool: ConnectionPool
  readonly places: PeerPlaces
  readonly backoff: Backoff
  /** Where its latest hello came from. */
  readonly address: () => string
  /** The connection in use; there is one afterwards. */
  readonly connected: () => OutboundConnection
  /** Asks for the contracts on the connection in use. */
  readonly request: (handler: ReplyHandler) => void
  readonly onContracts: (peer: Peer) => void
  /** Another node answers. */
  readonly onOtherNode: (id: string) => void
  /** The connection broke, and asking again did not help. */
  readonly onLost: () => void
  /** The peer can't be reached at any place. */
  readonly onUnreachable: (reason: string) => void
}

/** Fetches what a mesh node offers, and finds out from failures whether the node is there. */
export class PeerContracts extends ContractExchange {
  /** The connection on which the contracts were asked for last. */
  private asked: OutboundConnection | undefined

  constructor (private readonly peer: PeerContractsOptions) {
    const { id, key, address, host } = peer
    super({
      peerId: id,
      key,
      address,
      host,
      request: handler => {
        this.asked = peer.connected()
        peer.request(handler)
      },
      onContracts: peer.onContracts,
      onOtherNode: peer.onOtherNode,
      onUnreadable: answer => debug('node %s gave no contracts: %o', id, answer),
      onFailure: reason => this.onFailure(reason)
    })
  }

  /** Returns whether only the connection was given up, for one that works. */
  private onFailure (reason: string): boolean {
    const { id, pool: { current }, places, backoff } = this.peer
    debug('node %s: %s', id, reason)
    if (current === undefined || current.closed) {
      if (current?.opened === false && places.fail(current.place)) return true
      if (current?.opened === true) this.peer.onLost()
      else this.peer.onUnreachable(current?.failure ?? reason)
      return false
    }
    if (current !== this.asked) return true
    // Too much waits for the peer: asking at once would not let any of it leave.
    backoff.retry(performance.now(), () => this.fetch())
    return false
  }
}
