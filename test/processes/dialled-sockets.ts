import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** By which Node tells of each connection that a process dials. */
const CHANNEL = 'net.client.socket'

/** The connections that this process has dialled since. */
export class DialledSockets {
  /** How many there were, open or not. */
  count = 0
  private readonly sockets = new Set<Socket>()

  constructor () {
    subscribe(CHANNEL, this.onDialled)
  }

  /** Those that are open; the system has closed what is destroyed. */
  get open (): Socket[] {
    return [...this.sockets].filter(({ destroyed }) => !destroyed)
  }

  /** Breaks those that are open, as a network does; both sides live on. Returns how many there were. */
  reset (): number {
    const { open } = this
    for (const socket of open) socket.resetAndDestroy()
    return open.length
  }

  /** Counts no more. */
  end (): void {
    unsubscribe(CHANNEL, this.onDialled)
  }

  private readonly onDialled = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    this.count++
    this.sockets.add(socket)
    socket.once('close', () => this.sockets.delete(socket))
  }
}
