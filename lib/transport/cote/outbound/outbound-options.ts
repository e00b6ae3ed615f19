import type { OnRejected } from '../../rejections'
import type { PeerClock } from '../../session/clocks/peer-clock'
import type { Introduction } from '../../session/control'
import type { EventMessage } from '../../transport'
import type { ErrorClasses } from '../../values/error-classes'
import type { ConnectionLimits } from '../cote-options'
import type { Security } from '../security/security'
import type { ConnectionSettings } from '../wire/connection'

/** What an `OutboundConnection` needs of its peer. */
export interface OutboundOptions extends ConnectionSettings, Pick<ConnectionLimits, 'connectTimeout' | 'maxBacklog'> {
  readonly address: string
  readonly port: number
  /** The id of the peer, where it introduces itself by one. */
  readonly peerId?: string
  /** The key of the peer. */
  readonly key: string
  readonly security: Pick<Security, 'dial' | 'credential'>
  /** Whether the peer is a mesh node: it decodes values that JSON can't express, and stops cancelled requests. */
  readonly isMeshNode: boolean
  /** The classes that errors of the peer can be instances of. */
  readonly errorClasses?: ErrorClasses
  /** How this node introduces itself to the peer; not at all without it. */
  readonly introduction?: Introduction
  /** Whether the peer answers the introduction: requests with a deadline wait for that. */
  readonly answersIntroduction?: boolean
  /** The clock of the peer; none where deadlines are not sent in it. */
  readonly clock?: PeerClock
  /** The peer introduced itself in turn. */
  readonly onIntroduced?: (answer: unknown) => void
  /** The peer refused a request for its time, and told its clock unless it is of 0.1. */
  readonly onLate?: (now: number | undefined) => void
  /** Events a second that are taken from the peer; all without it. */
  readonly maxEventRate?: number
  readonly onRejected?: OnRejected
  /** The process, or its machine, has no more sockets. */
  readonly onShortage?: () => void
  /** Takes an event, and how many bytes it had. */
  readonly onEvent: (message: EventMessage, bytes: number) => void
  /**
   * The peer takes no more calls; the connection ends when those under way are done.
   *
   * @param last - what a peer sends last of all, with its counts of events; null before that
   */
  readonly onGoodbye: (last: unknown) => void
  /** A reply came for which nobody waits any more. */
  readonly onLateReply?: () => void
  /** Called once; `opened` tells whether there ever was a connection. */
  readonly onClose: (opened: boolean) => void
}
