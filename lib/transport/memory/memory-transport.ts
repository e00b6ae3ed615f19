import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Caller, Contract } from '../../contract/contract'
import {
  GAP, RequestRefused, TransportError,
  type EventGap, type EventMessage, type IncomingCall, type ReplyHandler, type Request, type Transport,
  type TransportHost
} from '../transport'
import { encodeEvent } from '../messages/event'
import { encodeRequest, fromWireRequest } from '../messages/request'
import { carryReply, decode, type Reply } from './carry'

/** What a message is, for those who interfere with it. */
export type MessageKind = 'request' | 'reply' | 'event'

/** Takes messages from one node to another. */
export interface Wire {
  /** `deliver` is called later, once, or never. */
  carry (kind: MessageKind, from: string, to: string, deliver: () => void): void
}

/** What all nodes of a network share. */
export interface Shared {
  readonly members: Map<string, MemoryTransport>
  readonly wire: Wire
  readonly isCut: (one: string, other: string) => boolean
}

interface Waiting {
  readonly peerId: string
  readonly handler: ReplyHandler
}

/** The transport of one node of a memory network. */
export class MemoryTransport implements Transport {
  private host: TransportHost | undefined
  private readonly paths = new Set<string>()
  private readonly waiting = new Map<number, Waiting>()
  /** What peers do for this node, so that it can be given up. */
  private readonly served = new Map<number, IncomingCall>()
  private lastId = 0
  private serving = 0
  private onIdle: () => void = () => {}
  private readonly members: Map<string, MemoryTransport>

  constructor (private readonly shared: Shared) {
    this.members = shared.members
  }

  /** Those that can be reached. */
  private get others (): MemoryTransport[] {
    return [...this.members.values()].filter(member => member !== this && this.reaches(member.id))
  }

  private get id (): string {
    return this.host?.id ?? ''
  }

  async start (host: TransportHost): Promise<void> {
    this.host = host
    await nextTurn()
    for (const member of this.members.values()) {
      member.meet(this)
      this.meet(member)
    }
    this.members.set(host.id, this)
    for (const member of this.others) {
      member.heardOf(this, this.paths)
      this.heardOf(member, member.paths)
    }
  }

  announce (): void {
    for (const member of this.others) member.meet(this)
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    const sent = fromWireRequest(decode(encodeRequest(request), this.members.get(peerId)?.host?.errorClasses)) as Request
    const id = ++this.lastId
    this.waiting.set(id, { peerId, handler })
    if (!this.members.has(peerId) || !this.reaches(peerId)) {
      setImmediate(() => this.fail(id, new TransportError(`node ${peerId} has left`, 'not-sent')))
      return id
    }
    this.shared.wire.carry('request', this.id, peerId, () => {
      // A call that was forgotten until now is never sent.
      if (!this.waiting.has(id)) return
      const peer = this.members.get(peerId)
      if (peer === undefined) return this.fail(id, new TransportError(`node ${peerId} has left`, 'not-sent'))
      const call: IncomingCall = {
        request: sent,
        caller: this.asCaller(),
        reply: (error, value, details) => {
          const carried = carryReply(sent, { error, value, details }, this.host?.errorClasses)
          peer.answer(this.id, carried, reply => this.settle(id, reply))
        }
      }
      this.served.set(id, call)
      peer.serve(call)
    })
    return id
  }

  cancel (_peerId: string, requestId: number): void {
    if (this.take(requestId) === undefined) return
    const call = this.served.get(requestId)
    this.served.delete(requestId)
    setImmediate(() => call?.onCancel?.())
  }

  publish (message: EventMessage): void {
    const sent = encodeEvent(message)
    const audience = this.host?.audience?.(message.path, message.event)
    for (const member of this.others) {
      if (!member.paths.has(message.path) || audience?.(member.asCaller()) === false) continue
      this.shared.wire.carry('event', this.id, member.id, () => {
        member.host?.receive(decode<EventMessage>(sent, member.host.errorClasses))
      })
    }
  }

  subscribe (path: string): void {
    if (this.paths.has(path)) return
    this.paths.add(path)
    // Before it has joined nobody hears of it.
    if (this.members.get(this.id) === this) for (const member of this.others) member.heardOf(this, [path])
  }

  unsubscribe (path: string): void {
    this.paths.delete(path)
  }

  async stop (drainTimeout: number): Promise<void> {
    const { host } = this
    if (host === undefined || !this.members.delete(host.id)) return
    for (const member of this.members.values()) {
      if (!this.shared.isCut(host.id, member.id)) member.host?.left(host.id, 'goodbye')
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, drainTimeout)
      this.onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
      this.checkIdle()
    })
    for (const member of this.members.values()) member.lose(host.id)
    const left = new TransportError('this node has left the mesh', 'unknown')
    for (const id of [...this.waiting.keys()]) this.fail(id, left)
  }

  /** This node is gone, and all that it had under way with it. */
  die (): void {
    const peers = [...this.members.values()].filter(member => member !== this)
    for (const { id } of peers) this.miss(id)
    for (const id of [...this.waiting.keys()]) this.fail(id, new TransportError('this node was lost', 'unknown'))
  }

  /** A peer can't be reached any more. */
  miss (peerId: string): void {
    this.host?.left(peerId, 'lost')
    this.lose(peerId)
  }

  /** A peer can be reached again: events may have been missed since. */
  meetAgain (peer: MemoryTransport): void {
    if (this.members.get(this.id) !== this || this.members.get(peer.id) !== peer || peer.host === undefined) return
    this.meet(peer)
    for (const { path } of peer.host.contracts()) {
      if (!this.paths.has(path)) continue
      const gap: EventGap = { reason: 'disconnected' }
      this.host?.receive({ path, key: peer.host.key, event: GAP, args: [gap] })
    }
  }

  /** A peer listens to these paths from now on. */
  private heardOf (peer: MemoryTransport, paths: Iterable<string>): void {
    for (const path of paths) this.host?.subscribed?.(peer.asCaller(), path)
  }

  /** A network in one process knows who is who. */
  private asCaller (): Caller {
    return { node: this.id, key: this.host?.key, proven: true, address: 'memory' }
  }

  private reaches (peerId: string): boolean {
    return !this.shared.isCut(this.id, peerId)
  }

  private meet (peer: MemoryTransport): void {
    if (peer.host === undefined) return
    const { id, name, key } = peer.host
    const contracts = JSON.parse(JSON.stringify(peer.host.contracts())) as Contract[]
    this.host?.joined({ id, ...name === undefined ? {} : { name }, key, contracts })
  }

  private serve (call: IncomingCall): void {
    this.serving++
    this.host?.serve(call)
  }

  private answer (callerId: string, reply: Reply, deliver: (reply: Reply) => void): void {
    this.shared.wire.carry('reply', this.id, callerId, () => {
      deliver(reply)
      // Only now: a node that leaves waits for its replies to arrive.
      this.serving--
      this.checkIdle()
    })
  }

  private settle (id: number, reply: Reply): void {
    const found = this.take(id)
    this.served.delete(id)
    if (found === undefined) this.host?.onRejected?.('lateReply', '')
    else if ('refused' in reply) found.handler.fail(new RequestRefused(reply.refused))
    else if ('thrown' in reply) found.handler.settle(reply.thrown, undefined, reply.details)
    else found.handler.settle(null, reply.value, reply.details)
  }

  private fail (id: number, error: TransportError): void {
    this.take(id)?.handler.fail(error)
  }

  private take (id: number): Waiting | undefined {
    const found = this.waiting.get(id)
    this.waiting.delete(id)
    this.checkIdle()
    return found
  }

  private checkIdle (): void {
    if (this.serving === 0 && this.waiting.size === 0) this.onIdle()
  }

  /** A peer is gone with what it was serving. */
  private lose (peerId: string): void {
    for (const [id, waiting] of this.waiting) {
      if (waiting.peerId !== peerId) continue
      const call = this.served.get(id)
      this.served.delete(id)
      this.fail(id, new TransportError(`node ${peerId} was lost`, 'unknown'))
      call?.onCancel?.()
    }
  }
}
