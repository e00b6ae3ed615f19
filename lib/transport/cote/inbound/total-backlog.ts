/** A connection with bytes that wait to leave. */
export interface Backlogged {
  readonly backlog: number
  /** Closes it; where it only gets events, further ones are dropped instead. */
  readonly cutOff?: () => void
}

/** The backlogs are added up each time that this share of the bound was sent. */
const SHARE = 16

/** While the total is beyond its bound, connections with a backlog of more than this get no events. */
const SMALL_BACKLOG = 64 * 1024

/** What waits to leave on all connections together: peers that read nothing must not fill the memory. */
export class TotalBacklog {
  private readonly connections = new Set<Backlogged>()
  private sentSince = 0
  private isFull = false

  /** @param maxBytes - what may wait on all connections together */
  constructor (private readonly maxBytes: number) {}

  /** A connection was accepted. */
  add (connection: Backlogged): void {
    this.connections.add(connection)
  }

  /** A connection has closed. */
  delete (connection: Backlogged): void {
    this.connections.delete(connection)
  }

  /** Whether a connection with this backlog has to do without events, for the sake of others. */
  isTooMuch (backlog: number): boolean {
    return this.isFull && backlog > SMALL_BACKLOG
  }

  /** Counts what was sent. A look at all connections for each message would cost more than the message. */
  count (bytes: number): void {
    this.sentSince += bytes
    if (this.sentSince < this.maxBytes / SHARE) return
    this.sentSince = 0
    let total = 0
    for (const { backlog } of this.connections) total += backlog
    this.isFull = total > this.maxBytes
    if (this.isFull) this.cutOffLargest(total)
  }

  private cutOffLargest (total: number): void {
    const largest = [...this.connections].filter(({ cutOff }) => cutOff !== undefined)
      .sort((a, b) => b.backlog - a.backlog)
    let rest = total
    for (const connection of largest) {
      if (rest <= this.maxBytes || connection.backlog <= SMALL_BACKLOG) return
      rest -= connection.backlog
      connection.cutOff?.()
    }
  }
}
