import type { Socket } from 'node:net'

const SECOND_MS = 1_000

/**
 * Takes no more than so many events a second from a connection: it is not read for a while, so that what sends them
 * has to keep what it has, or to drop it.
 */
export class RateLimit {
  private events = 0
  private since = Date.now()
  private pause: NodeJS.Timeout | undefined

  /** @param onPause - called each time that the connection is not read for the rest of a second */
  constructor (
    private readonly socket: Socket, private readonly maxEventRate: number, private readonly onPause: () => void
  ) {
    socket.once('close', () => clearTimeout(this.pause))
  }

  /** An event came. */
  count (): void {
    // The clock is asked once for so many events.
    if (++this.events < this.maxEventRate) return
    const now = Date.now()
    const rest = this.since + SECOND_MS - now
    this.events = 0
    this.since = now + Math.max(0, rest)
    if (rest <= 0 || this.pause !== undefined) return
    this.onPause()
    this.socket.pause()
    this.pause = setTimeout(() => {
      this.pause = undefined
      this.socket.resume()
    }, rest)
  }
}
