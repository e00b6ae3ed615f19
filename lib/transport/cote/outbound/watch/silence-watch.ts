import { PING } from '../../../session/control'
import type { ReplyHandler, Request } from '../../../transport'

/** Milliseconds without a byte after which requests may leave a peer. */
export const DEFAULT_SILENCE_MS = 3_000
/** How often a connection is checked within that time. */
const CHECKS = 8
/** Checks without a byte after which the peer is sent a ping, and after which it is silent: both within the time. */
const MISSED_CHECKS = { ping: 2, silent: 6 }
/** The shortest time between two checks, in milliseconds. */
const MIN_INTERVAL_MS = 5

/** A connection as {@link SilenceWatch} sees it. */
interface WatchedConnection {
  /** Whether there ever was a connection. */
  readonly opened: boolean
  /** Requests that wait for their reply. */
  readonly waiting: number
  /** Bytes that came from the peer. */
  readonly bytesRead: number
  /** Bytes that have not left this process. */
  readonly backlog: number
  request (request: Request, handler: ReplyHandler): number
  cancel (id: number): void
}

/** Milliseconds from one check to the next, for a peer that is silent after the given time. */
export function checkIntervalOf (silenceTimeout = DEFAULT_SILENCE_MS): number {
  return Math.max(MIN_INTERVAL_MS, silenceTimeout / CHECKS)
}

/**
 * Notices that the peer of one connection is silent while requests wait: no byte comes, nothing that was sent gets
 * away, and a ping is not answered. It counts checks, not time: a process that was frozen itself reads what has come
 * before its next check.
 */
export class SilenceWatch {
  private bytesRead = 0
  private backlog = 0
  /** Checks since the last sign of life; -1 while nothing is expected. */
  private quiet = -1
  private pingId: number | undefined

  constructor (private readonly connection: WatchedConnection) {}

  /** Checks the connection; called at the interval of {@link checkIntervalOf}. Returns whether the peer is silent. */
  check (): boolean {
    const { connection: { opened, waiting }, pingId } = this
    if (!opened || waiting === 0 || (waiting === 1 && pingId !== undefined)) {
      this.stop()
      return false
    }
    this.quiet = this.hasSignOfLife() ? 0 : this.quiet + 1
    if (this.quiet >= MISSED_CHECKS.ping) this.ping()
    return this.quiet >= MISSED_CHECKS.silent
  }

  /** Nothing is expected of the peer: not even the answer to a ping. */
  stop (): void {
    this.quiet = -1
    if (this.pingId !== undefined) this.connection.cancel(this.pingId)
    this.pingId = undefined
  }

  private hasSignOfLife (): boolean {
    const { bytesRead, backlog } = this.connection
    const isAlive = bytesRead !== this.bytesRead || backlog < this.backlog
    this.bytesRead = bytesRead
    this.backlog = backlog
    return isAlive
  }

  private ping (): void {
    const settled = (): void => { this.pingId = undefined }
    this.pingId ??= this.connection.request({ method: PING, key: '', path: '' }, { settle: settled, fail: settled })
  }
}
