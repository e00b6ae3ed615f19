import { PING } from '../../../session/control'
import type { ReplyHandler } from '../../../transport'
import type { OutboundConnection } from '../outbound-connection'

/**
 * Checks without a byte after which the peer is sent a ping: where calls wait, where only events may come, and where
 * nothing has come at all. That is a new connection itself, most likely to a peer that is still busy with its start.
 */
const MISSED_CHECKS = { calls: 1, events: 5, unanswered: 10 }
/**
 * Checks after which a new connection has failed: while there is none, and where the peer has taken it and does not
 * answer. It may have no time for that, and further connections would only take more of it.
 */
const MISSED_CHECKS_OF_FRESH = { dialled: 5, opened: 30 }
/** Milliseconds in which the old connection may still send a byte before the new one takes its place. */
const LAST_CHANCE_MS = 200

/** What {@connection Liveness} needs of its peer. */
export interface LivenessOptions {
  /** Opens another connection to the peer. */
  readonly dial: () => OutboundConnection
  /** The peer answers on this connection, and not on the one that is watched. */
  readonly onDead: (fresh: OutboundConnection) => void
  /** The peer answered a ping on the connection that is watched. */
  readonly onPong?: (connection: OutboundConnection, answer: unknown) => void
}

/**
 * Tells a dead connection from an idle one. While the network is cut, neither side sees an end; and TCP may stay silent
 * after the cut for as long as it lasted. If the peer answers at once on a new connection and not at all on the old
 * one, the old connection is dead. If it answers on neither, it is slow or out of reach: the connection is left alone.
 */
export class Liveness {
  private connection: OutboundConnection | undefined
  private bytesRead = 0
  /** Checks since the last byte, or since the ping. */
  private quiet = 0
  private pinged = false
  private fresh: OutboundConnection | undefined
  private freshAge = 0
  private lastChance: NodeJS.Timeout | undefined

  constructor (private readonly options: LivenessOptions) {}

  /** Checks the connection in use. Called about once a second, and only while something is expected of the peer. */
  check (connection: OutboundConnection): void {
    if (!this.isSilent(connection) || !connection.opened) return this.watch(connection)
    this.quiet++
    if (this.pinged) {
      if (this.quiet > 1) this.tryAfresh(connection)
    } else if (this.quiet >= missedChecksFor(connection)) {
      this.pinged = true
      this.quiet = 0
      ping(connection, answer => this.options.onPong?.(connection, answer))
    }
  }

  /** A connection closed. */
  closed (connection: OutboundConnection): void {
    if (this.fresh === connection) this.fresh = undefined
    if (this.connection === connection) this.stop()
  }

  /** Stops watching. */
  stop (): void {
    this.connection = undefined
    this.dropFresh()
  }

  /** Whether this is the connection that is watched, and nothing came of it since. */
  private isSilent (connection: OutboundConnection): boolean {
    return this.connection === connection && connection.bytesRead === this.bytesRead
  }

  private watch (connection: OutboundConnection): void {
    this.connection = connection
    this.bytesRead = connection.bytesRead
    this.quiet = 0
    this.pinged = false
    this.dropFresh()
  }

  private tryAfresh (connection: OutboundConnection): void {
    const { fresh: tried } = this
    if (tried !== undefined) {
      const { dialled, opened } = MISSED_CHECKS_OF_FRESH
      if (++this.freshAge > (tried.opened ? opened : dialled)) this.dropFresh()
      return
    }
    const fresh = this.fresh = this.options.dial()
    this.freshAge = 0
    ping(fresh, () => {
      this.lastChance = setTimeout(() => {
        if (this.fresh !== fresh || !this.isSilent(connection)) return this.dropFresh()
        this.fresh = undefined
        this.connection = undefined
        this.options.onDead(fresh)
      }, LAST_CHANCE_MS)
    })
  }

  private dropFresh (): void {
    clearTimeout(this.lastChance)
    const { fresh } = this
    this.fresh = undefined
    fresh?.destroy()
  }
}

function missedChecksFor ({ bytesRead, waiting }: OutboundConnection): number {
  if (bytesRead === 0) return MISSED_CHECKS.unanswered
  return waiting > 0 ? MISSED_CHECKS.calls : MISSED_CHECKS.events
}

/** Asks for a sign of life on a connection. */
export function ping (connection: OutboundConnection, onAnswer: (answer: unknown) => void): void {
  const handler: ReplyHandler = { settle: (_error, answer) => onAnswer(answer), fail: () => {} }
  connection.request({ method: PING, key: '', path: '' }, connection.clock?.readingFrom(handler) ?? handler)
}
