import type { ReplyHandler, Request } from '../../transport'
import { messageOf } from '../../../printable'
import { OwnRequests } from '../../session/requests/own-requests'
import { UnsentRequests } from '../../session/requests/unsent-requests'
import type { OutboundConnection } from './outbound-connection'
import type { Place } from './peer-places'

/** Makes a connection. */
type Dial = (place?: Place) => OutboundConnection

/** All connections to one peer: the one in use, and others that still end. */
export class ConnectionPool {
  /** The connection in use, if there is one. */
  current: OutboundConnection | undefined
  private readonly connections = new Set<OutboundConnection>()
  private readonly ownRequests = new OwnRequests()
  private readonly unsent = new UnsentRequests()

  /** @param makeConnection - {@link ConnectionPool.delete} is called when it has closed */
  constructor (private readonly makeConnection: Dial) {}

  /** The connection in use, where it takes requests. */
  get usable (): OutboundConnection | undefined {
    const { current } = this
    return current === undefined || current.closed || current.ended ? undefined : current
  }

  /** Makes a connection that is not in use yet. */
  dial (place?: Place): OutboundConnection {
    const connection = this.makeConnection(place)
    this.connections.add(connection)
    return connection
  }

  /** A connection has closed. */
  delete (connection: OutboundConnection): void {
    this.connections.delete(connection)
  }

  /**
   * Sends a request of this node itself; it is cancelled when the node leaves. One that can't be sent fails later:
   * hellos and timers make such requests, and nobody there would catch an error.
   */
  requestOwn (connection: OutboundConnection, request: Request, handler: ReplyHandler): void {
    const send = (each: ReplyHandler): number => {
      try {
        return connection.request(request, each)
      } catch (error) {
        return this.unsent.add(each, messageOf(error))
      }
    }
    this.ownRequests.add(send, id => { if (!this.unsent.cancel(id)) connection.cancel(id) }, handler)
  }

  /** The clock of the peer is known: requests that waited for that are sent. */
  sendHeld (): void {
    for (const connection of this.connections) connection.sendHeld()
  }

  /** Gives a request up, on whichever connection it was sent. */
  cancel (requestId: number): void {
    for (const connection of this.connections) connection.cancel(requestId)
  }

  /**
   * Closes the connection in use if no request used it for longer than the time.
   *
   * @param now - as `performance.now()` gives it
   */
  closeIdle (now: number, idleMs: number): void {
    const { current } = this
    if (current !== undefined && current.waiting === 0 && now - current.lastUsed > idleMs) current.drain()
  }

  /** Lets requests leave connections on which the peer is silent. Returns whether it is silent on the one in use. */
  checkSilence (): boolean {
    let isSilent = false
    for (const connection of this.connections) {
      if (connection.checkSilence() && connection === this.current) isSilent = true
    }
    return isSilent
  }

  /**
   * The peer leaves. Connections without events close when their requests have their replies; the others are read to
   * the end. Resolves when all of them have closed.
   *
   * @param isFed - whether events come by a connection
   * @param isCounting - whether the peer counts them
   */
  async depart (isFed: (connection: OutboundConnection) => boolean, isCounting: () => boolean): Promise<void> {
    const { open } = this
    // Answers to subscriptions count.
    if (!open.some(isFed)) this.ownRequests.cancelAll()
    for (const connection of open) {
      if (isFed(connection)) connection.listenToEnd(isCounting)
      else connection.drain()
    }
    await Promise.all(open.map(async ({ whenClosed }) => await whenClosed))
  }

  /** Resolves when no request of a caller waits any more, and all connections have closed. */
  async drain (): Promise<void> {
    this.ownRequests.cancelAll()
    const { open } = this
    for (const connection of open) connection.drain()
    await Promise.all(open.map(async ({ whenClosed }) => await whenClosed))
  }

  /** The connections that have not closed yet. */
  get open (): readonly OutboundConnection[] {
    return [...this.connections].filter(({ closed }) => !closed)
  }

  /** Closes all connections now. */
  destroy (): void {
    for (const connection of this.connections) connection.destroy()
  }
}
