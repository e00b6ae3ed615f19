/** Milliseconds from the first question to the second; each pause after it is twice as long as the one before. */
const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 300_000

/**
 * Asks an old node for its services until it tells them. The question is a packet and may get lost, and the answer goes
 * to those whose connection the old node has taken by then, so that a busy one may answer nobody. Nothing but another
 * question tells such a node from one that hosts nothing.
 */
export class Inquiry {
  private pause = FIRST_PAUSE_MS
  private isAnswered = false
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly ask: () => void) {}

  /** Asks from now on: the connection is there that the answer comes by. */
  begin (): void {
    this.end()
    this.pause = FIRST_PAUSE_MS
    this.isAnswered = false
    this.next()
  }

  /** The old node told of a service. */
  hear (): void {
    this.isAnswered = true
  }

  end (): void {
    clearTimeout(this.timer)
  }

  private next (): void {
    const { pause } = this
    this.pause = Math.min(MAX_PAUSE_MS, 2 * pause)
    // Once more in any case: what it told first may have been a service that came just then, and not the answer.
    this.timer = setTimeout(() => { if (!this.isAnswered || pause === FIRST_PAUSE_MS) this.next() }, pause)
    this.ask()
  }
}
