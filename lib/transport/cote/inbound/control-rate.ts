import type { OnRejected } from '../../rejections'
import { CONTRACTS, HELLOS, INSPECT, SUBSCRIBE } from '../../session/control'
import { RateLimit, type Pausable } from '../../session/rate-limit'

/** So many control messages are taken in a second; those that cost more count as several. */
const MAX_CONTROL_RATE = 20_000

/** As how many of a node's own messages one counts that costs more than most. */
const COSTS: Readonly<Record<string, number>> = { [CONTRACTS]: 200, [SUBSCRIBE]: 20, [HELLOS]: 100, [INSPECT]: 100 }

/** So many characters of an answer, or of hellos, cost as much as a message: a few bytes may ask for half a million. */
const LENGTH_PER_MESSAGE = 200

/** Limits what the control messages of a connection cost: how many there are, and how long their answers are. */
export class ControlRate {
  private readonly limit: RateLimit
  private answered = 0
  private bytes = 0

  constructor (source: Pausable, onRejected: OnRejected, address: string) {
    this.limit = new RateLimit(source, MAX_CONTROL_RATE, () => onRejected('throttledControl', address))
  }

  /** A control message is about to be answered. @param bytes - its length */
  begin (bytes: number): void {
    this.answered = 0
    this.bytes = bytes
  }

  /** A reply is sent; those to control messages are sent at once. */
  onReply (length: number): void {
    this.answered += length
  }

  /** A control message has been answered. */
  count (method: string): void {
    const length = this.answered + (method === HELLOS ? this.bytes : 0)
    this.limit.count((COSTS[method] ?? 1) + Math.floor(length / LENGTH_PER_MESSAGE))
  }

  /** The connection is closed. */
  stop (): void {
    this.limit.stop()
  }
}
