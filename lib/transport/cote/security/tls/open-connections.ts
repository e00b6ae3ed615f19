import type { TLSSocket } from 'node:tls'

/** Milliseconds from one look at connections to the next. */
const CHECK_INTERVAL_MS = 1_000

/** The connections that were let in: those are closed that would not be let in any more. */
export class Admitted {
  private readonly open = new Map<TLSSocket, () => boolean>()
  private readonly timer = setInterval(() => {
    for (const [socket, mayStay] of this.open) if (!mayStay()) socket.destroy()
  }, CHECK_INTERVAL_MS)

  /** @param mayStay - is asked each second; counts what is wrong */
  add (socket: TLSSocket, mayStay: () => boolean): void {
    this.open.set(socket, mayStay)
    socket.once('close', () => this.open.delete(socket))
  }

  /** Asks no more. */
  close (): void {
    clearInterval(this.timer)
  }
}
