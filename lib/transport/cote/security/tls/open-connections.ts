import type { TLSSocket } from 'node:tls'

/** How often connections are checked. */
const CHECK_INTERVAL_MS = 1_000

/** The accepted connections of a port. Those that would not be accepted any more are closed. */
export class OpenConnections {
  private readonly open = new Map<TLSSocket, () => boolean>()
  private readonly timer = setInterval(() => {
    for (const [socket, mayStay] of this.open) if (!mayStay()) socket.destroy()
  }, CHECK_INTERVAL_MS)

  /** @param mayStay - called every second until it returns false; it also counts the reason */
  add (socket: TLSSocket, mayStay: () => boolean): void {
    this.open.set(socket, mayStay)
    socket.once('close', () => this.open.delete(socket))
  }

  /** Stops checking; the connections stay open. */
  close (): void {
    clearInterval(this.timer)
  }
}
