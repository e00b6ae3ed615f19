import { RecentMap } from '../../../collections/recent-map'
import { describeRejection, type RejectionReason, type UnseenCode } from '../../rejections'
import type { UnreachablePeer } from '../../transport'
import { debug } from '../debug'

/** How many are remembered, the last ones: anybody can send hellos of ever other nodes. */
const MAX_UNREACHABLE = 100

interface Entry {
  readonly peer: UnreachablePeer
  /** By `performance.now()`. */
  readonly at: number
}

/** Why a packet or a connection is refused of which the sender may believe that it belongs to this mesh. */
const REFUSALS: readonly RejectionReason[] = [
  'otherVersion', 'overlongHello',
  'plainHello', 'foreignHello', 'forgedHello', 'sealedHello', 'lateHello', 'distantHello', 'shutInHello', 'wrongKey',
  'wrongSecret', 'wrongCertificate', 'noTls', 'handshakeFailed', 'unprovenPeer', 'claimedId'
]

/**
 * The nodes that were heard and can't be reached, or are not taken for nodes of this mesh: errors of calls tell why.
 * Anybody can send what is refused, so that is kept apart.
 */
export class UnreachablePeers {
  private readonly byHello = new RecentMap<string, Entry>(MAX_UNREACHABLE)
  private readonly places = new RecentMap<string, Entry>(MAX_UNREACHABLE)
  private readonly refused = new RecentMap<string, Entry>(MAX_UNREACHABLE)

  /** @param maxAgeMs - after this time without another failure nobody knows */
  constructor (private readonly maxAgeMs: number) {}

  /** A node was heard, and can't be reached. @param iid - what its hellos go by */
  add (iid: string, peer: UnreachablePeer): void {
    this.byHello.set(iid, { peer: { ...peer, code: 'notReached' }, at: performance.now() })
  }

  /** A hello of this node itself does not go out. @param address - where this node listens */
  unsaid (address: string, reason: string): void {
    this.byHello.set('', { peer: { address, reason, code: 'unsaidHello' }, at: performance.now() })
  }

  /** Something was refused. @param address - where it came from */
  refuse (reason: RejectionReason, address: string, detail?: string): void {
    if (!REFUSALS.includes(reason)) return
    const what = `this node refuses ${describeRejection(reason) ?? reason}`
    this.ignore(address, detail === undefined ? what : `${what}; ${detail}`, reason)
  }

  /** A node was heard that does not belong to this mesh. @param reason - the end of a sentence */
  ignore (address: string, reason: string, code: UnseenCode): void {
    this.refused.set(`${address} ${reason}`, { peer: { address, reason, code }, at: performance.now() })
  }

  /** Nobody is found at a place where a node should be, or by a name. @param reason - undefined where somebody is */
  fail (address: string, reason: string | undefined): void {
    if (reason === undefined) return void this.places.delete(address)
    if (reason !== this.places.get(address)?.peer.reason) debug('no node was found at %s: %s', address, reason)
    this.places.set(address, { peer: { address, reason, isPlace: true, code: 'nobody' }, at: performance.now() })
  }

  /** A node is reached, or gone. */
  delete (iid: string): void {
    this.byHello.delete(iid)
  }

  /** All of them: first those of this mesh, then what was refused, then places; those first that failed last. */
  get all (): readonly UnreachablePeer[] {
    const oldest = performance.now() - this.maxAgeMs
    return [this.byHello, this.refused, this.places].flatMap(entries =>
      [...entries.values()].filter(({ at }) => at >= oldest).map(({ peer }) => peer).reverse())
  }
}
