import { PING } from '../../../session/control'
import type { ConnectionPool } from '../connection-pool'
import type { OutboundConnection } from '../outbound-connection'
import { Departure } from './departure'
import { Liveness, type LivenessOptions } from './liveness'
import { SignsOfLife } from './signs-of-life'
import { DEFAULT_SILENCE_MS } from './silence-watch'

/** What a {@link PeerWatch} needs of its peer. */
export interface PeerWatchOptions extends LivenessOptions {
  /** The key of the peer. */
  readonly key: string
  readonly pool: ConnectionPool
  /** Milliseconds in which the peer has to answer. */
  readonly silenceTimeout: number | undefined
}

/** Watches the connections to one mesh node: whether it is there, and whether it is gone. */
export class PeerWatch {
  private readonly departure = new Departure()
  private readonly liveness: Liveness
  private readonly signs = new SignsOfLife()

  constructor (private readonly options: PeerWatchOptions) {
    this.liveness = new Liveness(options)
  }

  /** Looks at the connection in use. @param hearsEvents - whether events may come that nobody asks for */
  check (hearsEvents: boolean): void {
    const { current } = this.options.pool
    this.signs.look(current)
    if (current !== undefined && (current.waiting > 0 || hearsEvents)) this.liveness.check(current)
    else this.liveness.stop()
  }

  /** Looks at connections that a peer which left still sends events by. */
  checkDeparture (open: readonly OutboundConnection[]): void {
    this.departure.check(open)
  }

  /** Resolves to whether bytes came by a connection within this time, or come now. */
  async isThere (connection: OutboundConnection, withinMs: number): Promise<boolean> {
    const { key, pool, silenceTimeout = DEFAULT_SILENCE_MS } = this.options
    if (this.signs.came(connection, withinMs)) return true
    return await this.signs.wait(connection, Math.min(withinMs, silenceTimeout), handler => {
      pool.requestOwn(connection, { method: PING, key, path: '' }, handler)
    })
  }

  /** A connection closed. */
  closed (connection: OutboundConnection): void {
    this.liveness.closed(connection)
  }

  /** Watches no more. */
  stop (): void {
    this.liveness.stop()
    this.signs.stop()
  }
}
