import { placeOf } from '../addresses'
import type { PeerOptions } from './cote-peer'
import type { OutboundConnection } from './outbound-connection'
import type { PeerPlaces } from './peer-places'

/** How often a node may close the connection before it has told what it offers. */
const MAX_HANG_UPS = 3
/** So long a node that takes connections, and has never answered, may be silent before it is given up. */
const MAX_SILENCE_MS = 30_000
const HANGS_UP = 'it closes each connection before it tells what it offers'

/** Whether a mesh node can be reached at one of its places, and whether it has ever talked there. */
export class PeerReach {
  /** Whether what it offers is known. */
  hasJoined = false
  /** Whether it has ever answered: before, it may be any program that listens on that port. */
  hasAnswered = false
  /** How often it has closed the connection before that. */
  private hangUps = 0
  /** Since when it is known not to answer, by `performance.now()`. */
  private silentSince: number | undefined

  constructor (
    readonly places: PeerPlaces,
    private readonly options: Pick<PeerOptions, 'mustAnswer' | 'onAnswer' | 'onUnreachable'>
  ) {}

  /** Whether it has to answer before it joins. */
  get mustAnswer (): boolean {
    return this.options.mustAnswer === true
  }

  /** It has answered. */
  answered (): void {
    if (this.hasAnswered) return
    this.hasAnswered = true
    this.options.onAnswer?.()
  }

  /**
   * It does not answer, and has never done so. Returns whether it is waited for. It holds the question, and answers it
   * when its process or its machine comes to that: where many nodes start at once, each further connection would only
   * be more work for one that can't cope with its work.
   */
  mayWait (): boolean {
    const now = performance.now()
    this.silentSince ??= now
    return now - this.silentSince < MAX_SILENCE_MS
  }

  /** The connection in use closed. Returns why there is to be no other one; undefined where it may be tried again. */
  whyGivenUp (connection: OutboundConnection, opened: boolean): string | undefined {
    if (!opened && !this.places.fail(connection.place)) return connection.failure ?? 'it broke before it was there'
    return !this.hasAnswered && ++this.hangUps >= MAX_HANG_UPS ? HANGS_UP : undefined
  }

  /** It can't be reached; who makes calls may want to know why. */
  tell (reason: string): void {
    const { address, port } = this.places.current
    this.options.onUnreachable?.(placeOf(address, port), reason)
  }
}
