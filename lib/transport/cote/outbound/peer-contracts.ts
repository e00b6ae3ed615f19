import { kindOfValue, messageOf } from '../../../printable'
import type { Backoff } from '../../session/backoff'
import { ContractExchange } from '../../session/contracts/contract-exchange'
import { questionFor, type ListsQuestion } from '../../session/contracts/lists-question'
import type { WantedLists } from '../../session/contracts/wanted-lists'
import { TransportError, type Peer, type ReplyHandler, type TransportHost } from '../../transport'
import { debug } from '../debug'
import type { MeshAdvertisement, RemoteComponent } from '../discovery/hello'
import type { ConnectionPool } from './connection-pool'
import type { OutboundConnection } from './outbound-connection'
import type { PeerReach } from './peer-reach'

/** What {@link PeerContracts} needs of the peer. */
export interface PeerContractsOptions {
  readonly id: string
  readonly key: string
  readonly host: Pick<TransportHost, 'admit' | 'needs' | 'onRejected'>
  readonly pool: ConnectionPool
  readonly reach: PeerReach
  readonly backoff: Backoff
  /** Whether hellos are those of members of the mesh: anybody's could say that an answered node offers another list. */
  readonly isClosed: boolean
  /** The lists that this node wants. */
  readonly lists?: WantedLists
  /** Where its latest hello came from. */
  readonly address: () => string
  /** What its latest hello tells. */
  readonly told: () => MeshAdvertisement | undefined
  /** Whether the connection in use works. */
  readonly isConnected: () => boolean
  /** The connection in use; there is one afterwards. */
  readonly connected: () => OutboundConnection
  /** A message has fewer bytes than this. */
  readonly maxMessageSize: number
  /** Asks for the contracts, or for lists by their hashes, on the connection in use. */
  readonly request: (question: ListsQuestion | undefined, handler: ReplyHandler) => void
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
  /** Whether no call is sent to it before it has told who it is. */
  private answersIntroduction = false
  /** The connection on which the contracts were asked for last. */
  private asked: OutboundConnection | undefined
  /** The hash of the list of this node that it was given. */
  private given: string | undefined
  /** What it joined with, as long as it has not answered. */
  private unproven: Peer | undefined

  constructor (private readonly peer: PeerContractsOptions) {
    const { id, key, host, lists, address, reach, maxMessageSize, onOtherNode } = peer
    super({
      peerId: id,
      key,
      host,
      lists,
      address,
      onOtherNode,
      name: () => peer.told()?.name,
      request: (handler, hashes) => {
        if (!this.connect(handler)) return
        peer.request(hashes && questionFor(hashes, maxMessageSize, this.ownList(hashes)), handler)
      },
      // Before it answers, it may be any program.
      isConnected: () => reach.hasAnswered && peer.isConnected(),
      // A hello may be anybody's, and the list in it that of another node.
      mayJoin: offered => reach.hasAnswered ? peer.isClosed : this.mayJoinUnproven(offered),
      onContracts: joined => this.onJoined(this.asTold(joined)),
      onAnswer: () => this.answered(),
      onUnreadable: answer => debug('node %s gave no contracts, but %s', id, kindOfValue(answer)),
      onFailure: reason => this.onFailure(reason)
    })
  }

  /** A hello tells which contracts the peer has. */
  follow ({ advertisement: { mesh }, list }: RemoteComponent): void {
    this.answersIntroduction = mesh?.tellsClock === true
    this.update(mesh?.revision, mesh?.hash, list)
  }

  /** It has introduced itself. @param hash - that of its list, where it tells it */
  introduced (hash: unknown): void {
    this.confirm(hash)
    this.answered()
  }

  /** It has answered, on whichever question: if it has joined before that, it does so again, as one that is there. */
  answered (): void {
    const { peer: { reach, lists, isClosed, onContracts }, unproven } = this
    this.unproven = undefined
    reach.answered()
    lists?.prove(this)
    if (unproven === undefined) return
    onContracts(unproven)
    if (!isClosed && !this.isConfirmed) this.fetch()
  }

  override stop (): void {
    this.unproven = undefined
    super.stop()
  }

  /** The list of this node, where it comes to know lists of the peer: once, and again when it is another one. */
  private ownList (asked: readonly string[]): string | undefined {
    const own = this.peer.lists?.known.own
    if (own === undefined || asked.length === 0 || own.hash === this.given) return undefined
    this.given = own.hash
    return own.text
  }

  /** No call to be made waits for one that is not there, so a node whose services are called has to answer first. */
  private mayJoinUnproven (offered: Peer): boolean {
    const { reach, host, lists } = this.peer
    if (!this.answersIntroduction || reach.mustAnswer || host.needs?.(offered) === true) return false
    return lists?.trust(this, offered.contracts) === true
  }

  private onJoined (joined: Peer): void {
    const { reach, onContracts } = this.peer
    this.unproven = reach.hasAnswered ? undefined : joined
    onContracts(reach.hasAnswered ? joined : { ...joined, isUnproven: true })
  }

  /** A hello tells whether a node only looks at the mesh. */
  private asTold (joined: Peer): Peer {
    return this.peer.told()?.observer === true ? { ...joined, isObserver: true } : joined
  }

  /** Timers ask, too, and nobody there would catch it if there can't even be a connection. Returns whether there is. */
  private connect ({ fail }: ReplyHandler): boolean {
    const { host, address, connected } = this.peer
    try {
      this.asked = connected()
      return true
    } catch (error) {
      const reason = messageOf(error)
      host.onRejected?.('containedFault', address(), reason)
      setImmediate(() => fail(new TransportError(reason, 'not-sent')))
      return false
    }
  }

  /** Returns whether only the connection was given up, for one that works. */
  private onFailure (reason: string): boolean {
    const { id, pool: { current }, reach: { places }, backoff } = this.peer
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
