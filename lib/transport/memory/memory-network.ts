import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventMessage, IncomingCall, ReplyHandler, Request, Transport, TransportHost } from '../transport'
import { RequestRefused, TransportError } from '../transport'
import { fromWireError, isRefusal, toWireError } from '../wire-error'

/** A value as the other side of a wire gets it. */
function carry<T> (value: T): T {
  // JSON has no undefined; over the wire it arrives as null.
  return JSON.parse(JSON.stringify(value) ?? 'null') as T
}

function encodeReply (error: unknown, value: unknown): [error: unknown, value?: unknown] {
  if (error !== null && error !== undefined) return [carry(toWireError(error))]
  try {
    return [null, carry(value)]
  } catch (unsendable) {
    return [{ name: 'TypeError', message: `the result can't be sent: ${(unsendable as Error).message}` }]
  }
}

/**
 * A mesh without sockets: all nodes that join live in this process. Values, errors, refusals and the order of things
 * are as on a real wire, so that tests of services need no ports.
 *
 * @example
 * ```ts
 * const network = new MemoryNetwork()
 * const host = DistributedModule.forRoot({ transport: network.transport(), services: [TodoService] })
 * const consumer = DistributedModule.forRoot({ transport: network.transport(), remotes: ['todos'] })
 * ```
 */
export class MemoryNetwork {
  private readonly members = new Map<string, MemoryTransport>()

  /** A transport for one node. */
  transport (): Transport {
    return new MemoryTransport(this.members)
  }
}

interface Waiting {
  readonly peerId: string
  readonly handler: ReplyHandler
}

class MemoryTransport implements Transport {
  private host: TransportHost | undefined
  private readonly paths = new Set<string>()
  private readonly waiting = new Map<number, Waiting>()
  /** What peers do for this node, so that it can be given up. */
  private readonly served = new Map<number, IncomingCall>()
  private lastId = 0
  private serving = 0
  private onIdle: () => void = () => {}

  constructor (private readonly members: Map<string, MemoryTransport>) {}

  async start (host: TransportHost): Promise<void> {
    this.host = host
    await nextTurn()
    for (const member of this.members.values()) {
      member.meet(this)
      this.meet(member)
    }
    this.members.set(host.id, this)
  }

  announce (): void {
    for (const member of this.members.values()) if (member !== this) member.meet(this)
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    const sent = carry(request)
    const id = ++this.lastId
    this.waiting.set(id, { peerId, handler })
    setImmediate(() => {
      // A call that was forgotten until now is never sent.
      if (!this.waiting.has(id)) return
      const peer = this.members.get(peerId)
      if (peer === undefined) return this.fail(id, new TransportError(`node ${peerId} has left`, 'not-sent'))
      const call: IncomingCall = { request: sent, reply: (error, value) => this.settle(id, error, value) }
      this.served.set(id, call)
      peer.serve(call)
    })
    return id
  }

  forget (_peerId: string, requestId: number): void {
    if (this.take(requestId) === undefined) return
    const call = this.served.get(requestId)
    this.served.delete(requestId)
    setImmediate(() => call?.onCancel?.())
  }

  publish (message: EventMessage): void {
    const sent = JSON.stringify(message)
    for (const member of this.members.values()) {
      if (member === this || !member.paths.has(message.path)) continue
      setImmediate(() => member.host?.receive(JSON.parse(sent) as EventMessage))
    }
  }

  listen (path: string): void {
    this.paths.add(path)
  }

  unlisten (path: string): void {
    this.paths.delete(path)
  }

  async stop (drainTimeout: number): Promise<void> {
    const { host } = this
    if (host === undefined || !this.members.delete(host.id)) return
    for (const member of this.members.values()) member.host?.left(host.id, 'goodbye')
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

  private meet (peer: MemoryTransport): void {
    if (peer.host === undefined) return
    const { id, key } = peer.host
    this.host?.joined({ id, key, contracts: carry(peer.host.contracts()) })
  }

  private serve (call: IncomingCall): void {
    this.serving++
    const { reply } = call
    call.reply = (error, value) => {
      const answer = encodeReply(error, value)
      setImmediate(() => {
        reply(...answer)
        // Only now: a node that leaves waits for its replies to arrive.
        this.serving--
        this.checkIdle()
      })
    }
    this.host?.serve(call)
  }

  private settle (id: number, error: unknown, value: unknown): void {
    const found = this.take(id)
    this.served.delete(id)
    if (isRefusal(error)) found?.handler.fail(new RequestRefused(fromWireError(error)))
    else if (error !== null && error !== undefined) found?.handler.settle(fromWireError(error))
    else found?.handler.settle(null, value)
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
      if (waiting.peerId === peerId) this.fail(id, new TransportError(`node ${peerId} was lost`, 'unknown'))
    }
  }
}
