/** Milliseconds from the first question to the second; each pause after that is twice as long as the one before. */
const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 300_000

/**
 * Asks a node of feathers-distributed for its services until it announces one. The question is a packet, which may get
 * lost, and the answer goes only to subscribers that the node has accepted by then: a busy one may answer nobody. The
 * only way to tell it from a node that hosts nothing is to ask again.
 */
export class Inquiry {
  private pause = FIRST_PAUSE_MS
  private isAnswered = false
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly ask: () => void) {}

  /** Starts asking: the connection that brings the answer is there. */
  start (): void {
    this.stop()
    this.pause = FIRST_PAUSE_MS
    this.isAnswered = false
    this.next()
  }

  /** The node announced a service. */
  confirm (): void {
    this.isAnswered = true
  }

  /** Asks no more. */
  stop (): void {
    clearTimeout(this.timer)
  }

  private next (): void {
    const { pause } = this
    this.pause = Math.min(MAX_PAUSE_MS, 2 * pause)
    // The second question is always sent: the first announcement may have been a new service, and not the answer.
    this.timer = setTimeout(() => { if (!this.isAnswered || pause === FIRST_PAUSE_MS) this.next() }, pause)
    this.ask()
  }
}
