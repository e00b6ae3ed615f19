import type { Socket } from 'node:net'
import type { Caller } from '../../../contract/contract'
import type { EncodedReply } from '../../messages/reply'
import type { OnRejected } from '../../rejections'
import { CALLER, CANCEL, DONE, MESH_PREFIX } from '../../session/control'
import { CallerIdentity } from '../../session/introduction'
import { ServedCalls, type RequestId } from '../../session/served-calls'
import { Subscriber, type EventTarget } from '../../session/subscriber'
import type { Subscribers } from '../../session/events/subscribers'
import { MalformedMessage, type IncomingCall } from '../../transport'
import type { ErrorClasses } from '../../values/error-classes'
import { plainAddress } from '../addresses'
import type { ConnectionLimits } from '../cote-options'
import { EVENT_ID, GOODBYE_ID, idArgument, json, NO_REPLY_ID, NULL, string, valueArgument } from '../wire/arguments'
import { Connection, connectionSettings, type ConnectionSettings } from '../wire/connection'
import { isValue, readId } from '../wire/frame-argument'
import type { Frame } from '../wire/frame-parser'
import { RequestDecoder } from '../wire/request-decoder'

/** Requests that get no answer. */
const NO_REPLY_METHODS: ReadonlySet<string> = new Set([CANCEL, CALLER, DONE])

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
  /** The classes that errors in requests can be instances of. */
  readonly errorClasses?: ErrorClasses
  /** The subscribers of all connections of this node. */
  readonly subscribers?: Subscribers
  /** The keys that the peer has proven, where it has. */
  readonly provenKeys?: readonly string[]
  readonly onRequest: (call: IncomingCall, connection: InboundConnection) => void
  /** The last request that was served here has its reply. */
  readonly onIdle: () => void
  readonly onClose: (connection: InboundConnection) => void
}

/** A connection that a peer made to this node: its requests, their replies, and the events that it subscribed to. */
export class InboundConnection implements EventTarget {
  readonly subscriber: Subscriber
  private isMeshNode = false
  /** Whether the peer sends no more requests by this connection, and still listens. */
  private isPeerDone = false
  private readonly identity: CallerIdentity
  private readonly connection: Connection
  private readonly decoder = new RequestDecoder()
  private readonly calls: ServedCalls

  constructor (socket: Socket, private readonly options: InboundOptions) {
    const { key, subscribers, maxMessageSize, maxInFlightPerConnection, provenKeys, onRejected } = options
    const address = plainAddress(socket.remoteAddress ?? 'unknown')
    this.identity = new CallerIdentity(address, provenKeys)
    this.connection = new Connection(socket, {
      ...connectionSettings(options),
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
      serve: call => options.onRequest(call, this),
      send: (id, reply) => this.sendReply(id, reply),
      onRejected
    }, false)
    this.subscriber = new Subscriber({
      key,
      subscribers,
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

  /**
   * Whether the peer may still send requests, or waits for replies. A mesh node that gets a goodbye closes, or tells
   * that it only listens.
   */
  get isInUse (): boolean {
    return (this.isMeshNode && !this.isPeerDone) || this.isServing
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

  /** The peer sends no more requests by this connection. */
  onPeerDone (): void {
    this.isPeerDone = true
    this.checkIdle()
  }

  /** The peer gave a request up. */
  cancel (id: unknown): void {
    this.calls.cancel(id)
  }

  /** Tells a mesh node that this node takes no more requests. */
  sendGoodbye (): void {
    if (this.isMeshNode) this.connection.send(NULL, string(GOODBYE_ID))
  }

  /**
   * This node has left: the peer learns what it missed and how many events there were. Then the connection ends, after
   * what was sent has left.
   */
  finish (): void {
    const { connection, subscriber } = this
    if (connection.ended) return
    subscriber.sendGaps()
    const { finalCounts } = subscriber
    subscriber.end()
    if (finalCounts !== undefined) connection.send(json({ counts: finalCounts }), string(GOODBYE_ID))
    connection.close()
  }

  /** Whether the peer reads to the end of the connection, to learn how many events there were. */
  get reads (): boolean {
    return this.subscriber.finalCounts !== undefined
  }

  /** Closes after what was sent has left, but within seconds. */
  close (): void {
    this.finish()
    this.connection.closeWithin()
  }

  private get isBehind (): boolean {
    return this.connection.backlog > this.options.maxBacklog
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
    if (NO_REPLY_METHODS.has(method)) onRequest({ request, caller: this.caller, reply: noReply }, this)
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
