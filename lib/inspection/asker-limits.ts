import { RecentMap } from '../collections/recent-map'
import type { Caller } from '../contract/contract'
import { TokenBucket } from '../transport/token-bucket'

/** Askers that are told apart, those that asked last. */
const MAX_ASKERS = 1_000

/** Questions of one asker without a pause, and the time for one more. */
const MAX_BURST_OF_ASKER = 10
const REFILL_OF_ASKER_MS = 200

/** The same for all askers together. */
const MAX_BURST_OF_ALL = 40
const REFILL_OF_ALL_MS = 50

/** What a peer can't have several of: the key that it has proven, else the id that it states, else its address. */
export function askerOf ({ proven, key, node, address }: Caller): string {
  if (node !== undefined) return `node ${node} ${proven ? key ?? '' : ''}`
  return `address ${address}`
}

/** Limits how often a node answers: questions must cost little, whoever asks all the time. */
export class AskerLimits {
  private readonly all = new TokenBucket(MAX_BURST_OF_ALL, REFILL_OF_ALL_MS)
  private readonly byAsker = new RecentMap<string, TokenBucket>(MAX_ASKERS)

  /** Whether a question is answered now. */
  admit (asker: string): boolean {
    const own = this.byAsker.get(asker) ?? new TokenBucket(MAX_BURST_OF_ASKER, REFILL_OF_ASKER_MS)
    this.byAsker.set(asker, own)
    if (own.waitMs > 0 || this.all.waitMs > 0) return false
    own.take()
    this.all.take()
    return true
  }
}
