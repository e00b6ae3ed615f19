import type { Socket } from 'node:net'
import type { Caller } from '../../../contract/contract'
import type { EncodedReply } from '../../messages/reply'
import type { ClockOfNode } from '../../node-clock'
import type { OnRejected } from '../../rejections'
import type { ControlSource } from '../../session/answer-control'
import { ClockAlarm } from '../../session/clocks/clock-alarm'
import { CALLER, CANCEL, DONE, MESH_PREFIX } from '../../session/control'
import { CallerIdentity } from '../../session/introduction'
import { ServedCalls, type RequestId } from '../../session/served-calls'
import { Subscriber } from '../../session/subscriber'
import type { Subscribers } from '../../session/events/subscribers'
import { MalformedMessage, type IncomingCall, type Request } from '../../transport'
import type { ErrorClasses } from '../../values/error-classes'
import { plainAddress } from '../addresses'
import type { ConnectionLimits } from '../cote-options'
import {
  CLOCK_ID, EVENT_ID, GOODBYE_ID, HELLOS_ID, idArgument, json, NO_REPLY_ID, NULL, string, valueArgument
} from '../wire/arguments'
import { Connection, connectionSettings, type ConnectionSettings } from '../wire/connection'
import { isValue, readId } from '../wire/frame-argument'
import type { Frame } from '../wire/frame-parser'
import { RequestDecoder } from '../wire/request-decoder'
import type { Visitor } from './admission'
import { ControlRate } from './control-rate'
import { isControl, isUnanswered, LARGE, noReply, weightOf } from './frame-weight'
import { Patience } from './patience'
import type { Backlogged, TotalBacklog } from './total-backlog'

/** The bounds of all connections that this node takes. */
export interface InboundLimits extends ConnectionSettings, Pick<
  ConnectionLimits, 'maxBacklog' | 'maxInFlightPerConnection'
>, Partial<Pick<ConnectionLimits, 'maxInFlightBytesPerConnection'>> {
  /** What waits to leave on all connections; without it, there is no bound for them together. */
  readonly totalBacklog?: TotalBacklog
  readonly onRejected: OnRejected
}

/** What an {@link InboundConnection} needs of its node. */
export interface InboundOptions extends InboundLimits {
  /** The key of this node. */
  readonly key: string
  /** The mesh clock of this node. @default that of the process */
  readonly now?: ClockOfNode
  /** The classes that errors in requests can be instances of. */
  readonly errorClasses?: ErrorClasses
  /** The subscribers of all connections of this node. */
  readonly subscribers?: Subscribers
  /** The keys that the peer has proven, where it has. */
  readonly provenKeys?: readonly string[]
  /** Whether the peer has proven that it belongs to the mesh. */
  readonly isProven?: boolean
  /** What decides whether the connection may stay. */
  readonly visitor?: Pick<Visitor, 'speaks' | 'isIntroduced' | 'isBusy'>
  readonly onRequest: (call: IncomingCall, connection: InboundConnection) => void
  /** The peer subscribed to other paths than before. */
  readonly onSubscribed?: () => void
  /** The last request that was served here has its reply. */
  readonly onIdle: () => void
  readonly onClose: (connection: InboundConnection) => void
}

/** Whether this node knows a node by its id; or, for a peer that does not say which it is, may know it. */
export type KnowsNode = (node: string | undefined) => boolean

/** A connection that a peer made to this node: its requests, their replies, and the events that it subscribed to. */
export class InboundConnection implements ControlSource, Backlogged {
  readonly alarm: ClockAlarm
  readonly identity: CallerIdentity
  readonly subscriber: Subscriber
  private isMeshNode = false
  /** Whether the peer sends no more requests by this connection, and still listens. */
  private isPeerDone = false
  private readonly connection: Connection
  private readonly decoder = new RequestDecoder()
  private readonly calls: ServedCalls
  private readonly controlRate: ControlRate
  private hasSpoken = false
  private readonly patience = new Patience()

  constructor (socket: Socket, private readonly options: InboundOptions) {
    const { key, subscribers, maxMessageSize, maxInFlightPerConnection: maxInFlight, provenKeys, onRejected } = options
    const address = plainAddress(socket.remoteAddress ?? 'unknown')
    this.alarm = new ClockAlarm(options.now)
    this.identity = new CallerIdentity(address, provenKeys)
    this.connection = new Connection(socket, {
      ...connectionSettings(options),
      onBatch: () => this.onBatch(),
      onFrame: frame => this.onFrame(frame),
      onCostly: (frame, reason) => this.calls.refuseUnread(readId(frame, frame.count - 1), this.caller, reason),
      onCaughtUp: () => this.checkIdle(),
      onDrain: () => {
        this.patience.renew()
        this.subscriber.sendGaps()
      },
      onMalformed: reason => onRejected(reason, address),
      onClose: () => this.onClose()
    })
    // A node is taken for one of feathers-distributed until it sends what those can't.
    this.calls = new ServedCalls({
      maxMessageSize,
      maxInFlight,
      maxInFlightBytes: options.maxInFlightBytesPerConnection,
      serve: call => this.serve(call),
      send: (id, reply) => this.sendReply(id, reply),
      onRejected
    }, false)
    this.subscriber = new Subscriber({
      key,
      caller: () => this.caller,
      subscribers,
      onSubscribed: options.onSubscribed,
      isBehind: () => this.isBehind,
      send: event => {
        this.connection.sendValue(event, EVENT_ID)
        options.totalBacklog?.count(event.text.length)
      },
      onDropped: () => onRejected('droppedEvents', address)
    })
    this.controlRate = new ControlRate(this.connection, onRejected, address)
    options.totalBacklog?.add(this)
    if (options.visitor !== undefined) options.visitor.isBusy = () => this.isServing || this.subscriber.isActive
  }

  /** Who calls, as far as the peer has stated it. */
  get caller (): Caller { return this.identity.caller }

  /** Whether requests of the peer have no reply yet. */
  get isServing (): boolean {
    return this.calls.size > 0 || this.connection.isBehind
  }

  /** Bytes sent that have not left the process yet. */
  get backlog (): number { return this.connection.backlog }

  /**
   * Whether the peer waits for replies, or may still send requests. A mesh node that gets a goodbye closes, or tells
   * that it only listens; whoever is none, or does neither, is not waited for.
   */
  get isInUse (): boolean {
    if (this.calls.size > 0) return true
    if (this.patience.isOver) return false
    return this.connection.isBehind || this.isMeshNode && this.isKnown && !this.isPeerDone && this.patience.isLeft
  }

  /** The peer says who it is. The connection ends where that is not what it has proven. */
  introduce (data: unknown): void {
    // Each connection of a mesh node begins with this; it asks for contracts on the first alone.
    this.isMeshNode = true
    const fault = this.identity.introduce(data)
    if (fault === undefined) {
      if (this.options.visitor !== undefined) this.options.visitor.isIntroduced = true
      return
    }
    this.options.onRejected('wrongKey', this.caller.address, fault)
    this.connection.destroy()
  }

  /** The peer sends no more requests by this connection. */
  onPeerDone (): void {
    this.isPeerDone = true
    this.checkIdle()
  }

  /** The peer gave a request up. */
  cancel (id: unknown): void {
    this.calls.cancel(id)
    this.checkIdle()
  }

  /** Tells a node that asked for them what it says of itself. */
  sayHellos (message: object): void {
    if (this.backlog < LARGE) this.connection.send(json(message), string(HELLOS_ID))
  }

  /** Tells a mesh node that this node takes no more requests. @param knows - whether this node knows such a node */
  sendGoodbye (knows: KnowsNode): void {
    this.patience.begin(this.options.isProven === true || knows(this.caller.node))
    if (this.isMeshNode) this.connection.send(NULL, string(GOODBYE_ID))
  }

  /**
   * This node has left: the peer learns what it missed and how many events there were. Then the connection ends, after
   * what was sent has left.
   */
  finish (): void {
    const { connection, subscriber } = this
    if (connection.ended) return
    const counts = subscriber.finish()
    this.patience.goOn(this.isPeerDone || connection.backlog > 0, connection.untaken)
    if (counts !== undefined) connection.send(json({ counts }), string(GOODBYE_ID))
    connection.close()
  }

  /**
   * Whether the peer reads to the end of the connection, to learn how many events there were. Once everything has left,
   * a node closes soon, unless it is frozen.
   */
  reads (): boolean {
    const { subscriber: { finalCounts }, connection: { untaken } } = this
    return this.isKnown && finalCounts !== undefined && this.patience.isLeftFor(untaken)
  }

  /** Closes after what was sent has left, but within seconds. */
  close (): void {
    this.finish()
    this.connection.closeWithin()
  }

  /** Closes at once: what waits for a peer that reads nothing, or for all peers together, takes too much memory. */
  cutOff (): void {
    if (!this.connection.closed) this.options.onRejected('unreadReplies', this.caller.address)
    this.connection.destroy()
  }

  private get isKnown (): boolean {
    return this.options.isProven === true || this.caller.node !== undefined
  }

  private get isBehind (): boolean {
    const { connection: { backlog }, options: { maxBacklog, totalBacklog } } = this
    return backlog > maxBacklog || (totalBacklog?.isTooMuch(backlog) ?? false)
  }

  /** The clocks are compared before the batch. The peer learns that of this node, if it reads it. */
  private onBatch (): void {
    const { alarm, connection } = this
    const now = alarm.check()
    if (alarm.peerProves && alarm.isToTell(now)) connection.send(json(Math.floor(now)), string(CLOCK_ID))
  }

  private serve (call: IncomingCall): void {
    // Only those that want an answer to their introduction read the clock in it.
    this.alarm.peerProves ||= call.request.method === CALLER
    if (!this.alarm.refuses(call)) this.options.onRequest(call, this)
  }

  private onFrame (frame: Frame): void {
    const { connection, calls, decoder, options: { errorClasses } } = this
    // A frame before this one may have closed the connection.
    if (connection.closed || connection.ended) return
    if (frame.count < 2) throw new MalformedMessage('a request without an id')
    const id = readId(frame, frame.count - 1)
    const bytes = weightOf(frame)
    // It would be refused anyway, and reading it takes memory as well.
    if (bytes > LARGE && !calls.hasRoomFor(bytes) && !isControl(frame)) return calls.refuseLarge(id, this.caller)
    const request = decoder.decode(frame, errorClasses)
    if (request === undefined) throw new MalformedMessage('a request without a type')
    const isOwn = request.method.startsWith(MESH_PREFIX)
    // Nodes of feathers-distributed give no deadline, and call nothing but services.
    if (!calls.decodesValues) calls.decodesValues = request.deadline !== undefined || isOwn || isValue(frame, 0)
    this.controlRate.begin(bytes)
    this.take(id, request, bytes)
    if (isOwn) this.controlRate.count(request.method)
  }

  private take (id: RequestId, request: Request, bytes: number): void {
    if (!this.hasSpoken) this.options.visitor?.speaks()
    this.hasSpoken = true
    const { method } = request
    // These get no reply, whatever id they have: as requests they would be kept for ever.
    if (method === CANCEL || method === DONE || isUnanswered(method, id)) {
      this.options.onRequest({ request, caller: this.caller, reply: noReply }, this)
    } else if (id === NO_REPLY_ID) {
      throw new MalformedMessage('a request without an id')
    } else if (this.patience.isOver) {
      this.calls.refuseLate(id, request)
    } else {
      this.calls.serve(id, request, this.caller, bytes)
    }
  }

  private sendReply (id: RequestId, { error, value }: EncodedReply): void {
    const { connection, options: { maxBacklog, totalBacklog } } = this
    // A peer that sends requests and does not read the replies must not fill the memory of this node.
    if (connection.backlog > maxBacklog) this.cutOff()
    this.patience.renew()
    const first = error === undefined ? NULL : valueArgument(error)
    if (value === undefined) connection.send(first, idArgument(id))
    else connection.sendValue(value, id, first)
    const length = first.text.length + (value === undefined ? 0 : value.text.length)
    totalBacklog?.count(length)
    this.controlRate.onReply(length)
    this.checkIdle()
  }

  private checkIdle (): void {
    if (!this.isServing) this.options.onIdle()
  }

  private onClose (): void {
    this.controlRate.stop()
    this.options.totalBacklog?.delete(this)
    this.calls.cancelAll()
    this.options.onClose(this)
  }
}
