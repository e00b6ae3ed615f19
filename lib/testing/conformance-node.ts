import type { Caller, Contract } from '../contract/contract'
import type { RejectionReason } from '../transport/rejections'
import type {
  Audience, EventMessage, IncomingCall, LeaveReason, Peer, ReplyDetails, Request, Transport, TransportHost
} from '../transport/transport'

/** What the handler of a request was told. */
export interface Outcome {
  readonly error: unknown
  readonly value: unknown
  readonly details?: ReplyDetails
}

/** A request on its way. */
export interface Sent {
  readonly id: number
  /** All that its handler was told until now; it may be told one thing. */
  readonly told: readonly Outcome[]
}

/** A node that is a transport and nothing else; it keeps what that tells it. */
export class ConformanceNode implements TransportHost {
  readonly peers = new Map<string, Peer>()
  readonly departures: Array<readonly [id: string, reason: LeaveReason]> = []
  readonly calls: IncomingCall[] = []
  readonly events: EventMessage[] = []
  /** How many replies came for which nobody waited any more. */
  lateReplies = 0
  offered: readonly Contract[] = []
  /** Which peers are told an event, by its name; all where it is not there. */
  readonly audiences = new Map<string, Audience>()
  /** Who listens to what, in the order that the transport told it. */
  readonly listeners: Array<readonly [peer: Caller, path: string]> = []
  /** How requests are answered; not at all if it is undefined. */
  answer: ((call: IncomingCall) => void) | undefined

  constructor (readonly id: string, readonly transport: Transport, readonly key = 'default') {}

  /**
   * Sends a request.
   *
   * @throws what the transport throws when it can't be encoded
   */
  send (peerId: string, partial: Partial<Request> = {}): Sent {
    const told: Outcome[] = []
    const request = { method: 'find', key: this.key, path: 'todos', ...partial }
    const id = this.transport.request(peerId, request, {
      settle: (error, value, details) => told.push({ error, value, ...details === undefined ? {} : { details } }),
      fail: error => told.push({ error, value: undefined })
    })
    return { id, told }
  }

  onRejected (reason: RejectionReason): void {
    if (reason === 'lateReply') this.lateReplies++
  }

  audience (_path: string, event: string): Audience | undefined {
    return this.audiences.get(event)
  }

  subscribed (peer: Caller, path: string): void {
    this.listeners.push([peer, path])
  }

  contracts (): readonly Contract[] {
    return this.offered
  }

  serve (call: IncomingCall): void {
    this.calls.push(call)
    this.answer?.(call)
  }

  receive (message: EventMessage): void {
    this.events.push(message)
  }

  joined (peer: Peer): void {
    this.peers.set(peer.id, peer)
  }

  left (peerId: string, reason: LeaveReason): void {
    this.peers.delete(peerId)
    this.departures.push([peerId, reason])
  }
}
