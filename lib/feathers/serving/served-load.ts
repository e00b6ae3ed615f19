import { RecentMap } from '../../collections/recent-map'
import type { Caller } from '../../contract/contract'

/** How many peers are told apart at a time, those that called last. */
const MAX_PEERS = 1_000

/** One in so many requests, or bytes, is kept for peers that use few of them. */
const RESERVED = 8

/** What one peer has under way. */
export interface PeerLoad {
  calls: number
  bytes: number
}

/** What a node may have under way for its peers. */
export interface LoadLimits {
  readonly maxInFlight: number
  readonly maxInFlightBytes: number
}

/**
 * What is under way for all peers, and for each. One peer may take all but an eighth of what the node can take. In that
 * eighth a peer gets no more than it leaves to others, so a peer that has little under way always finds room.
 */
export class ServedLoad {
  private calls = 0
  private bytes = 0
  private readonly byPeer = new RecentMap<string, PeerLoad>(MAX_PEERS)
  /** A look-up of the same object costs less than one by a text. */
  private readonly byCaller = new WeakMap<Caller, PeerLoad>()
  private lastCaller: Caller | undefined
  private lastLoad: PeerLoad = { calls: 0, bytes: 0 }
  private readonly reservedCalls: number
  private readonly reservedBytes: number

  constructor (private readonly limits: LoadLimits) {
    this.reservedCalls = Math.floor(limits.maxInFlight / RESERVED)
    this.reservedBytes = Math.floor(limits.maxInFlightBytes / RESERVED)
  }

  /** How many calls are under way. */
  get underWay (): number {
    return this.calls
  }

  /** What a caller has under way. */
  of (caller: Caller): PeerLoad {
    if (caller === this.lastCaller) return this.lastLoad
    this.lastCaller = caller
    return this.lastLoad = this.byCaller.get(caller) ?? this.find(caller)
  }

  /** Whether a peer can have one more call. */
  hasRoomForCall ({ calls }: PeerLoad): boolean {
    const free = this.limits.maxInFlight - this.calls
    return free > this.reservedCalls || (free > 0 && calls < free)
  }

  /** Whether a peer can have further bytes. A single request always fits. */
  hasRoomForBytes (load: PeerLoad, bytes: number): boolean {
    const free = this.limits.maxInFlightBytes - this.bytes - bytes
    return free >= this.reservedBytes || this.bytes === 0 || (free >= 0 && load.bytes <= free)
  }

  /** A call begins. */
  add (load: PeerLoad, bytes: number): void {
    this.calls++
    load.calls++
    this.bytes += bytes
    load.bytes += bytes
  }

  /** A call has ended. */
  delete (load: PeerLoad, bytes: number): void {
    this.calls--
    load.calls--
    this.bytes -= bytes
    load.bytes -= bytes
  }

  private find (caller: Caller): PeerLoad {
    const peer = nameOf(caller)
    const load = this.byPeer.get(peer) ?? { calls: 0, bytes: 0 }
    this.byPeer.set(peer, load)
    this.byCaller.set(caller, load)
    return load
  }
}

/** What a peer can't have several of: the key that it has proven, else the id that it states, else its address. */
function nameOf ({ proven, key, node, address }: Caller): string {
  if (proven && key !== undefined) return `key ${key}`
  return node === undefined ? `address ${address}` : `node ${node}`
}
