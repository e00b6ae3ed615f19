import { connect, type Socket } from 'node:net'
import {
  Backoff, Drain, Interest, PeerSession, SessionGroups, Subscribers, UnsentRequests, within,
  type EventMessage, type GroupChoice, type KeptSubscriptions, type ReplyHandler, type Request, type Transport,
  type TransportHost
} from 'feathers-mesh/transport'
import { MAX_LINE, readLines, writeLine } from './lines'

/** Bytes that may wait for the hub. */
const MAX_BACKLOG = 8 * 1024 * 1024
const MAX_LOST = 1_000

/** Nodes on one machine that send each other lines, over the socket of a hub. */
export class PipeTransport implements Transport {
  private host: TransportHost | undefined
  private socket: Socket | undefined
  private hasLeft = false
  private revision = 0
  private readonly sessions = new Map<string, PeerSession>()
  /** The peers that read too slowly. */
  private readonly behind = new Set<string>()
  private readonly lost = new Map<string, KeptSubscriptions>()
  private readonly subscribers = new Subscribers()
  private readonly interest = new Interest()
  readonly groups = new SessionGroups(this.interest, this.subscribers, () => this.sessions.values())
  private readonly backoff = new Backoff()
  private readonly unsent = new UnsentRequests()
  private readonly drain = new Drain(() => [...this.sessions.values()].every(({ isDrained }) => isDrained))

  /** @param path - of the hub's socket */
  constructor (private readonly path: string, private readonly maxMessageSize = 16 * 1024 * 1024) {}

  async start (host: TransportHost): Promise<void> {
    this.host = host
    await new Promise<void>((resolve, reject) => { this.connect(host, resolve).once('error', reject) })
  }

  announce (): void {
    this.revision++
    for (const session of this.sessions.values()) session.announce()
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    const session = this.sessions.get(peerId)
    if (session !== undefined) return session.request(request, handler)
    return this.unsent.add(handler, `node ${peerId} has left`)
  }

  cancel (peerId: string, requestId: number): void {
    if (!this.unsent.cancel(requestId)) this.sessions.get(peerId)?.cancel(requestId)
  }

  publish (message: EventMessage, choice?: GroupChoice): void {
    const reach = choice ?? this.host?.audience?.(message.path, message.event)
    this.subscribers.publish(message, this.sessions.values(), reach, this.maxMessageSize)
  }

  subscribe (path: string, since?: number): void {
    this.interest.add(path, since)
    for (const session of this.sessions.values()) session.sync()
  }

  unsubscribe (path: string): void {
    this.interest.delete(path)
    for (const session of this.sessions.values()) session.sync()
  }

  async stop (drainTimeout: number): Promise<void> {
    const { socket } = this
    if (socket === undefined || this.hasLeft) return
    await this.groups.leave(drainTimeout)
    this.hasLeft = true
    this.backoff.stop()
    writeLine(socket, null, 'leave')
    await within(drainTimeout, this.drain.wait())
    for (const session of this.sessions.values()) {
      session.end()
      session.close('this node has left the mesh')
    }
    this.sessions.clear()
    this.subscribers.clear()
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.end()
    if (!socket.destroyed) await within(drainTimeout, closed)
    socket.destroy()
  }

  private connect (host: TransportHost, onWelcome: () => void): Socket {
    const startedAt = Date.now()
    const socket = this.socket = connect(this.path)
    writeLine(socket, null, 'join', host.id, host.key)
    readLines(socket, MAX_LINE, ([from, kind, id, body]) => {
      if (from !== null) this.sessions.get(String(from))?.receive(kind, id, body)
      else if (kind === 'welcome') onWelcome()
      else if (kind === 'here') this.meet(host, socket, [String(id), String(body)])
      else if (kind === 'gone') this.lose(host, String(id), body === 'goodbye')
      else if (kind === 'behind') this.behind.add(String(id))
      else if (kind === 'ready' && this.behind.delete(String(id))) this.sessions.get(String(id))?.onCaughtUp()
    })
    socket.on('drain', () => { for (const session of this.sessions.values()) session.onCaughtUp() })
    socket.on('close', () => {
      if (this.hasLeft) return
      for (const id of this.sessions.keys()) this.lose(host, id, false)
      this.backoff.retry(startedAt, () => this.connect(host, () => {}))
    })
    return socket
  }

  private meet (host: TransportHost, socket: Socket, [node, key]: [node: string, key: string]): void {
    this.sessions.set(node, new PeerSession({
      host,
      peer: { node, key, proven: false, address: this.path },
      isReturning: this.lost.has(node),
      kept: this.lost.get(node),
      subscribers: this.subscribers,
      interest: this.interest,
      maxMessageSize: this.maxMessageSize,
      maxInFlight: 2_048,
      revision: () => this.revision,
      isBehind: () => this.behind.has(node) || socket.writableLength > MAX_BACKLOG,
      send: (kind, id, body) => writeLine(socket, node, kind, id, body),
      onIdle: () => this.drain.check()
    }))
    this.lost.delete(node)
  }

  /** A peer said goodbye and can be reached until its calls are done, or it can't be reached any more. */
  private lose (host: TransportHost, id: string, isGoodbye: boolean): void {
    const session = this.sessions.get(id)
    if (session === undefined) return
    if (!session.hasLeft) {
      if (!isGoodbye && this.lost.size < MAX_LOST) this.lost.set(id, session.kept)
      session.leave()
      host.left(id, isGoodbye ? 'goodbye' : 'lost')
    }
    if (isGoodbye) return
    this.sessions.delete(id)
    this.behind.delete(id)
    session.close(`node ${id} was lost`)
  }
}
