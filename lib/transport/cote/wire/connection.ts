import type { Socket } from 'node:net'
import type { EncodedValue } from '../../values/encode-value'
import { CostlyValue } from '../../values/errors'
import { besideArgument, idArgument, valueArgument } from './arguments'
import { FrameParser, MalformedFrame, type Frame } from './frame-parser'
import type { IdArgument, TextArgument } from './frame-writer'
import { FrameWriter, isEncrypted } from './frame-writer'
import type { UnfinishedMessage, UnfinishedMessages } from '../../messages/unfinished-messages'
import { messageOf } from '../../../printable'
import { fieldsOf, numberField, propertiesOf } from '../../../record'
import { debug } from '../debug'

/** After this time without a byte, the operating system checks whether the peer is still there. */
const KEEP_ALIVE_MS = 30_000

/** How often a connection looks for memory that it does not need. */
const LET_GO_MS = 10_000

/** Time in which what was sent last has to leave. */
const FLUSH_TIMEOUT_MS = 2_000

/**
 * Frames that are passed on at a time. The promises that they started run, and what those sent leaves, before the next
 * batch begins. So the peer works meanwhile, and the data of a call is still in the processor's caches. This gives a
 * tenth more calls at 128 in flight.
 */
const MAX_BATCH = 64

/** The most bytes of a frame beside its message: lengths, types, an id, and null in place of an error. */
const FRAME_OVERHEAD = 64

/** What every connection of a node has in common, whoever opens it. Options for all of them belong here. */
export interface ConnectionSettings {
  /** Bytes of the longest message, in both directions. */
  readonly maxMessageSize: number
  /** The messages of all connections of the node that have not arrived completely; without it, they have no bound. */
  readonly unfinished?: UnfinishedMessages
}

/** The settings among the options of an owner of connections. */
export function connectionSettings ({ maxMessageSize, unfinished }: ConnectionSettings): ConnectionSettings {
  return { maxMessageSize, unfinished }
}

/** What a connection needs of its owner. */
export interface ConnectionOptions extends ConnectionSettings {
  /** Called before each batch of frames. */
  readonly onBatch?: () => void
  /** Receives each frame. */
  readonly onFrame: (frame: Frame) => void
  /** Called when the value in a frame takes too much work to decode; all goes on. @param reason - for people */
  readonly onCostly?: (frame: Frame, reason: string) => void
  /** Called after the last of several batches that arrived together was passed on. */
  readonly onCaughtUp?: () => void
  /** Called when everything sent has left the process. */
  readonly onDrain?: () => void
  /** Called when the peer sent no frame, or one that is too long; the connection is destroyed. */
  readonly onMalformed?: (reason: MalformedFrame['reason'] | 'unfinishedMessage') => void
  /** Called once, when no more bytes will be received or sent. */
  readonly onClose: () => void
}

/** One TCP connection that exchanges frames, opened by either side. Malformed bytes of the peer only close it. */
export class Connection implements UnfinishedMessage {
  earlier: UnfinishedMessage | undefined
  later: UnfinishedMessage | undefined
  unfinishedBytes = 0
  private begun = 0
  private readonly writer: FrameWriter
  private readonly parser: FrameParser
  /** Whether this side has ended it, and sends nothing more. */
  ended = false

  constructor (private readonly socket: Socket, private readonly options: ConnectionOptions) {
    this.writer = new FrameWriter(socket)
    this.parser = new FrameParser(frame => this.pass(frame), options.maxMessageSize + FRAME_OVERHEAD, MAX_BATCH)
    socket.setNoDelay()
    // A peer that vanished would never close the connection, and its requests would be kept for ever.
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', chunk => this.read(chunk))
    // 'close' follows each 'error' and does the rest. Without a listener, an error would end the process.
    socket.on('error', error => debug('connection with %s: %s', this.peerAddress, error.message))
    if (options.onDrain !== undefined) socket.on('drain', options.onDrain)
    const lettingGo = setInterval(() => this.writer.letGo(socket.bytesWritten), LET_GO_MS).unref()
    socket.once('close', () => {
      clearInterval(lettingGo)
      options.unfinished?.delete(this)
      // Frames that arrived before the end still count: replies among them settle calls.
      this.parser.isHeld = false
      while (this.parser.isBehind) this.read()
      options.onClose()
    })
  }

  /** Address and port of the peer, for logs. */
  get peerAddress (): string {
    return `${this.socket.remoteAddress ?? 'unknown'}:${this.socket.remotePort ?? 0}`
  }

  /** Bytes sent that have not left the process yet. */
  get backlog (): number {
    return this.writer.backlog
  }

  /**
   * The same, and what the operating system has not taken of the write under way: it changes with all that the peer
   * takes, while Node counts a long write until the last byte of it has left. The timeouts of Node's own sockets look
   * there as well; where it is not found, such progress is not seen.
   */
  get untaken (): number {
    return this.backlog + (numberField(fieldsOf(propertiesOf(this.socket)._handle), 'writeQueueSize') ?? 0)
  }

  /** Whether received frames wait for the batch before them. */
  get isBehind (): boolean {
    return this.parser.isBehind
  }

  /** Whether it is closed, in both directions. */
  get closed (): boolean {
    return this.socket.destroyed
  }

  /** Sends one frame; does nothing once the connection is closed or ended. */
  send (...args: ReadonlyArray<TextArgument | IdArgument>): void {
    // A write after the end would reset the connection, and lose what has not left yet.
    if (!this.ended && !this.socket.destroyed) this.writer.write(...args)
  }

  /** Sends one frame of an encoded value, what travels beside it, and an id; and of an argument that precedes them. */
  sendValue (value: EncodedValue, id: string | number, before?: TextArgument): void {
    if (this.ended || this.socket.destroyed) return
    if (value.beside === undefined) return this.writer.writeValue(value, id, before)
    const rest = [valueArgument(value), besideArgument(value.beside), idArgument(id)]
    this.writer.write(...before === undefined ? rest : [before, ...rest])
  }

  /** Passes on no frame, and reads nothing, until {@link resume}: what has arrived waits as well. */
  pause (): void {
    // What arrived before the end is passed on at once then.
    if (this.closed) return
    this.parser.isHeld = true
    this.socket.pause()
  }

  /** Reads on. */
  resume (): void {
    this.parser.isHeld = false
    this.socket.resume()
    if (this.parser.isBehind) this.readOn()
  }

  /** Closes after everything sent has left. */
  close (): void {
    this.writer.flush()
    this.ended = true
    this.socket.end()
  }

  /** Closes after everything sent has left, or after a time, whether or not the peer closes its side. */
  closeWithin (milliseconds = FLUSH_TIMEOUT_MS): void {
    this.writer.flush()
    this.ended = true
    const timer = setTimeout(() => this.socket.destroy(), milliseconds)
    this.socket.once('close', () => clearTimeout(timer))
    this.socket.end(() => this.socket.destroy())
  }

  /**
   * Ends this side after everything sent has left, and reads on until the peer has ended its side, or until nothing
   * came for a time.
   */
  closeAfterReading (milliseconds = FLUSH_TIMEOUT_MS): void {
    this.close()
    this.socket.setTimeout(milliseconds, () => this.socket.destroy())
  }

  /** Closes at once, and discards frames that were not passed on yet. */
  destroy (): void {
    this.options.unfinished?.delete(this)
    this.parser.close()
    this.socket.destroy()
  }

  /** Too much of other messages has arrived since the one that has not arrived completely here was begun. */
  giveUp (): void {
    this.options.onMalformed?.('unfinishedMessage')
    this.destroy()
  }

  private pass (frame: Frame): void {
    try {
      this.options.onFrame(frame)
    } catch (error) {
      if (!(error instanceof CostlyValue)) throw error
      this.options.onCostly?.(frame, error.message)
    }
  }

  /** Passes on the frames of a chunk, or those left of earlier chunks. */
  private read (chunk?: Buffer): void {
    try {
      this.options.onBatch?.()
      const hasMore = chunk === undefined ? this.parser.resume() : this.parser.push(chunk)
      this.countUnfinished()
      if (hasMore && !this.parser.isHeld) this.readOn()
      else if (chunk === undefined && !hasMore) this.options.onCaughtUp?.()
    } catch (error) {
      debug('closing the connection with %s: %s', this.peerAddress, messageOf(error))
      this.options.onMalformed?.(error instanceof MalformedFrame ? error.reason : 'malformedFrame')
      this.destroy()
    }
  }

  /** Counts what has arrived of a frame; one that was begun after another joins the end of the queue. */
  private countUnfinished (): void {
    const { parser: { unfinished: bytes, begun }, options: { unfinished } } = this
    // Of a message whose connection is closed, the rest never comes.
    if (unfinished === undefined || this.closed) return
    if (bytes === 0 || begun !== this.begun) unfinished.delete(this)
    this.begun = begun
    if (bytes > this.unfinishedBytes) unfinished.add(this, bytes - this.unfinishedBytes)
  }

  /**
   * Passes on the next batch after the promises of the last one have run and what they sent has been written. A tick
   * scheduled by a microtask runs after all microtasks, and a tick scheduled by that one after those that write. Over
   * TLS a write takes a turn of the event loop, and the next write waits for it. Waiting for that turn here gives half
   * as many calls again at 512 in flight.
   */
  private readOn (): void {
    const read = (): void => this.read()
    if (isEncrypted(this.socket)) setImmediate(read)
    else queueMicrotask(() => process.nextTick(() => process.nextTick(read)))
  }
}
