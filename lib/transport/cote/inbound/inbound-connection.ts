import type { Socket } from 'node:net'
import type { Caller } from '../../../contract/contract'
import type { EncodedReply } from '../../messages/reply'
import type { OnRejected } from '../../rejections'
import type { ControlSource } from '../../session/answer-control'
import { ClockAlarm } from '../../session/clocks/clock-alarm'
import type { ClockOfNode } from '../../session/clocks/peer-clock'
import { CALLER, CANCEL, MESH_PREFIX } from '../../session/control'
import { CallerIdentity } from '../../session/introduction'
import { ServedCalls, type RequestId } from '../../session/served-calls'
import { Subscriber } from '../../session/subscriber'
import { MalformedMessage, type IncomingCall } from '../../transport'
import type { ErrorClasses } from '../../values/error-classes'
import { plainAddress } from '../addresses'
import type { ConnectionLimits } from '../cote-options'
import {
  CLOCK_ID, EVENT_ID, GOODBYE_ID, idArgument, json, NO_REPLY_ID, NULL, string, valueArgument
} from '../wire/arguments'
import { Connection, connectionSettings, type ConnectionSettings } from '../wire/connection'
import { isValue, readId } from '../wire/frame-argument'
import type { Frame } from '../wire/frame-parser'
import { RequestDecoder } from '../wire/request-decoder'

/** The bounds of all connections that this node takes. */
export interface InboundLimits extends ConnectionSettings, Pick<
  ConnectionLimits, 'maxBacklog' | 'maxInFlightPerConnection'
> {
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
  /** The keys that the peer has proven, where it has. */
  readonly provenKeys?: readonly string[]
  readonly onRequest: (call: IncomingCall, connection: InboundConnection) => void
  /** The last request that was served here has its reply. */
  readonly onIdle: () => void
  readonly onClose: (connection: InboundConnection) => void
}

/** A connection that a peer made to this node: its requests, their replies, and the events that it subscribed to. */
export class InboundConnection implements ControlSource {
  readonly alarm: ClockAlarm
  readonly subscriber: Subscriber
  private isMeshNode = false
  private readonly identity: CallerIdentity
  private readonly connection: Connection
  private readonly decoder = new RequestDecoder()
  private readonly calls: ServedCalls

  constructor (socket: Socket, private readonly options: InboundOptions) {
    const { key, maxMessageSize, maxInFlightPerConnection, provenKeys, onRejected } = options
    const address = plainAddress(socket.remoteAddress ?? 'unknown')
    this.alarm = new ClockAlarm(options.now)
    this.identity = new CallerIdentity(address, provenKeys)
    this.connection = new Connection(socket, {
      ...connectionSettings(options),
      onBatch: () => this.onBatch(),
      onFrame: frame => this.onFrame(frame),
      onCaughtUp: () => this.checkIdle(),
      onDrain: () => this.subscriber.sendGaps(),
      onMalformed: reason => onRejected(reason, address),
      onClose: () => this.onClose()
    })
    // A node is taken for one of feathers-distributed until it sends what those can't.
    this.calls = new ServedCalls({
      maxMessageSize,
      maxInFlight: maxInFlightPerConnection,
      serve: call => this.serve(call),
      send: (id, reply) => this.sendReply(id, reply),
      onRejected
    }, false)
    this.subscriber = new Subscriber({
      key,
      isBehind: () => this.isBehind,
      send: event => this.connection.sendValue(event, EVENT_ID),
      onDropped: () => onRejected('droppedEvents', address)
    })
  }

  /** Who calls, as far as the peer has stated it. */
  get caller (): Caller {
    return this.identity.caller
  }

  /** Whether requests of the peer have no reply yet. */
  get isServing (): boolean {
    return this.calls.size > 0 || this.connection.isBehind
  }

  /** Whether the peer may still send requests, or waits for replies. A mesh node closes when it gets a goodbye. */
  get isInUse (): boolean {
    return this.isMeshNode || this.isServing
  }

  /** The peer asks for contracts in the way of mesh nodes. */
  markAsMeshNode (): void {
    this.isMeshNode = true
  }

  /** The peer says who it is. The connection ends where that is not what it has proven. */
  introduce (data: unknown): void {
    const fault = this.identity.introduce(data)
    if (fault === undefined) return
    this.options.onRejected('wrongKey', this.caller.address, fault)
    this.connection.destroy()
  }

  /** The peer gave a request up. */
  cancel (id: unknown): void {
    this.calls.cancel(id)
  }

  /** Tells a mesh node that this node takes no more requests. */
  sendGoodbye (): void {
    if (this.isMeshNode) this.connection.send(NULL, string(GOODBYE_ID))
  }

  /** Closes after what was sent has left. */
  close (): void {
    this.connection.closeWithin()
  }

  private get isBehind (): boolean {
    return this.connection.backlog > this.options.maxBacklog
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
    const { connection, calls, decoder, options: { errorClasses, onRequest } } = this
    // A frame before this one may have closed the connection.
    if (connection.closed || connection.ended) return
    if (frame.count < 2) throw new MalformedMessage('a request without an id')
    const id = readId(frame, frame.count - 1)
    const request = decoder.decode(frame, errorClasses)
    if (request === undefined) throw new MalformedMessage('a request without a type')
    const { method, deadline } = request
    // Nodes of feathers-distributed give no deadline, and call nothing but services.
    if (!calls.decodesValues) {
      calls.decodesValues = deadline !== undefined || method.startsWith(MESH_PREFIX) || isValue(frame, 0)
    }
    // These get no reply, whatever id they have: as requests they would be kept for ever.
    if (method === CANCEL || isUnanswered(method, id)) onRequest({ request, caller: this.caller, reply: noReply }, this)
    else if (id === NO_REPLY_ID) throw new MalformedMessage('a request without an id')
    else calls.serve(id, request, this.caller)
  }

  private sendReply (id: RequestId, { error, value }: EncodedReply): void {
    const { connection } = this
    // A peer that sends requests and does not read the replies must not fill the memory of this node.
    if (this.isBehind) this.closeUnread()
    const first = error === undefined ? NULL : valueArgument(error)
    if (value === undefined) connection.send(first, idArgument(id))
    else connection.sendValue(value, id, first)
    this.checkIdle()
  }

  private closeUnread (): void {
    if (!this.connection.closed) this.options.onRejected('unreadReplies', this.caller.address)
    this.connection.destroy()
  }

  private checkIdle (): void {
    if (!this.isServing) this.options.onIdle()
  }

  private onClose (): void {
    this.calls.cancelAll()
    this.options.onClose(this)
  }
}

function noReply (): void {}

/** Whether it is the introduction of a node of 0.1, which wants no answer to it. */
function isUnanswered (method: string, id: string | number): boolean {
  return method === CALLER && id === NO_REPLY_ID
}
