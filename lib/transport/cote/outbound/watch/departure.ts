import { ping } from './liveness'
import type { OutboundConnection } from '../outbound-connection'

/** Checks without a byte after which a peer that leaves is asked for a sign of life, and after which it is given up. */
const CHECKS_TO_PING = 5
const CHECKS_TO_END = 20

interface Watched {
  bytesRead: number
  quiet: number
}

/** Watches connections to a peer that left: one that vanishes before it has ended them would never be forgotten. */
export class Departure {
  private readonly watched = new WeakMap<OutboundConnection, Watched>()

  /** Checks the connections that are still open. Called about once a second. */
  check (open: readonly OutboundConnection[]): void {
    for (const connection of open) this.checkOne(connection)
  }

  private checkOne (connection: OutboundConnection): void {
    const { bytesRead } = connection
    const watched = this.watched.get(connection)
    if (watched === undefined || watched.bytesRead !== bytesRead) {
      this.watched.set(connection, { bytesRead, quiet: 0 })
    } else if (++watched.quiet >= CHECKS_TO_END) connection.destroy()
    else if (watched.quiet % CHECKS_TO_PING === 0) ping(connection, () => {})
  }
}
