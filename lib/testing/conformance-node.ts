import { meshNow } from '../clock'
import type { Caller, Contract } from '../contract/contract'
import { chooseMembers, type EventGroup } from '../transport/event-groups'
import type { RejectionReason } from '../transport/rejections'
import type {
  Audience, EventMessage, IncomingCall, LeaveReason, Peer, ReplyDetails, Request, Transport, TransportHost
} from '../transport/transport'

/** How a request ended: with what its handler was called. */
export interface Outcome {
  readonly error: unknown
  readonly value: unknown
  readonly details?: ReplyDetails
}

/** A request that was sent. */
export interface Sent {
  readonly id: number
  /** Each call of its handler until now: there may be one. */
  readonly told: readonly Outcome[]
}

/** A node that is nothing but a transport, and records what that reports. */
export class ConformanceNode implements TransportHost {
  readonly peers = new Map<string, Peer>()
  /** Each time that a peer joined. */
  readonly arrivals: string[] = []
  readonly departures: Array<readonly [id: string, reason: LeaveReason]> = []
  /** The peers of which nothing more comes. */
  readonly finished: string[] = []
  readonly calls: IncomingCall[] = []
  readonly events: EventMessage[] = []
  /** Counts the replies to requests that were cancelled. */
  lateReplies = 0
  /** What the node offers; the transport learns of changes by `announce()`. */
  offered: readonly Contract[] = []
  /** Which peers may hear an event, by its name; all of them where it has no entry. */
  readonly audiences = new Map<string, Audience>()
  /** Who subscribed to which path, in the order in which the transport reported it. */
  readonly listeners: Array<readonly [peer: Caller, path: string]> = []
  /** How far its clock is ahead of that of the process; less where its machine was suspended. */
  ahead = 0
  /** Whether it only looks at the mesh: peers learn it when it starts. */
  isObserver = false
  /** Answers questions about what it measured; without it, they are calls. */
  inspect: ((question: IncomingCall) => void) | undefined
  /** Answers requests; while it is undefined, nobody does. */
  answer: ((call: IncomingCall) => void) | undefined

  /** Groups of which a member was lost. */
  readonly lostGroups: EventGroup[] = []

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

  /**
   * Publishes an event, and chooses a member of each group.
   *
   * @param own - the groups that the node is in itself
   * @returns those of them for which it is chosen
   */
  publish (message: EventMessage, own?: readonly string[]): readonly string[] {
    const { path, event } = message
    const choice = chooseMembers(this.transport.groups?.of(path, event), own, this.audience(path, event))
    this.transport.publish(message, choice)
    return choice.own
  }

  memberLost (groups: readonly EventGroup[]): void {
    this.lostGroups.push(...groups)
    this.transport.groups?.tellLoss(groups)
  }

  /** Its mesh clock. */
  now (): number {
    return meshNow() + this.ahead
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
    if (!this.peers.has(peer.id)) this.arrivals.push(peer.id)
    this.peers.set(peer.id, peer)
  }

  left (peerId: string, reason: LeaveReason): void {
    this.peers.delete(peerId)
    this.departures.push([peerId, reason])
  }

  ended (peerId: string): void {
    this.finished.push(peerId)
  }
}
