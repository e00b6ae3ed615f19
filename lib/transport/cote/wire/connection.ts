import type { Socket } from 'node:net'
import type { Frame } from './frame-parser'
import { FrameParser } from './frame-parser'
import type { EncodedValue } from '../../values/encode-value'
import { besideArgument, valueArgument } from './arguments'
import type { IdArgument, TextArgument } from './frame-writer'
import { FrameWriter } from './frame-writer'
import { debug } from '../debug'
import { isEncrypted } from './is-encrypted'
import { MalformedFrame } from './malformed-frame'

/** Milliseconds without a byte after which the operating system asks for the peer. */
const KEEP_ALIVE_MS = 30_000

/**
 * Frames that are handed over in one go. Behind them go the promises that they made and what those sent, before the
 * next ones begin: so the peer gets to work meanwhile, and what a call needs is still in the caches of the processor.
 * A tenth more calls at 128 in flight.
 */
const MAX_BATCH = 64

/** Bytes of a frame beside its message at most: lengths and types, an id, and the word for no error. */
const FRAME_OVERHEAD = 64

export interface ConnectionOptions {
  /** Bytes of the longest message, either way. */
  readonly maxMessageSize: number
  /** Gets each frame. */
  readonly onFrame: (frame: Frame) => void
  /** Called when frames that came together had to wait for each other, and the last one was handed over. */
  readonly onCaughtUp?: () => void
  /** Called when all that was sent has left. */
  readonly onDrain?: () => void
  /** What came is no frame, or one that is too long; the connection is closed. */
  readonly onMalformed?: (reason: MalformedFrame['reason']) => void
  /** Called once, when no byte will come or go any more. */
  readonly onClose: () => void
}

/** One TCP connection that speaks frames, whoever opened it. A peer's garbage closes it and harms nothing else. */
export class Connection {
  private readonly writer: FrameWriter
  private readonly parser: FrameParser
  /** Whether this side has ended it, and nothing more is sent. */
  ended = false

  constructor (private readonly socket: Socket, private readonly options: ConnectionOptions) {
    this.writer = new FrameWriter(socket)
    this.parser = new FrameParser(options.onFrame, options.maxMessageSize + FRAME_OVERHEAD, MAX_BATCH)
    socket.setNoDelay()
    // Of a peer that vanished nothing would ever be heard, and what it asked for would be kept.
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', chunk => this.read(chunk))
    // 'close' follows each 'error' and settles all that waits; without a listener the process would end.
    socket.on('error', error => debug('connection with %s: %s', this.peerAddress, error.message))
    if (options.onDrain !== undefined) socket.on('drain', options.onDrain)
    socket.once('close', () => {
      // What came before the end is not lost with it: replies among it are those of calls that were made.
      while (this.parser.isBehind) this.read()
      options.onClose()
    })
  }

  get peerAddress (): string {
    return `${this.socket.remoteAddress ?? 'unknown'}:${this.socket.remotePort ?? 0}`
  }

  /** Bytes that were sent and have not left yet. */
  get backlog (): number {
    return this.writer.backlog
  }

  /** Whether frames that came wait for those before them. */
  get isBehind (): boolean {
    return this.parser.isBehind
  }

  get closed (): boolean {
    return this.socket.destroyed
  }

  /** Sends one frame; nothing happens when the connection is closed, or about to be. */
  send (...args: ReadonlyArray<TextArgument | IdArgument>): void {
    // A write behind the end would break the connection, and what has not left yet would be lost.
    if (!this.ended && !this.socket.destroyed) this.writer.write(...args)
  }

  /** Sends one frame of an encoded value, what travels beside it, and an id. */
  sendValue (value: EncodedValue, id: IdArgument): void {
    if (value.beside === undefined) this.send(valueArgument(value), id)
    else this.send(valueArgument(value), besideArgument(value.beside), id)
  }

  /** Closes after what was sent has left. */
  end (): void {
    this.writer.flush()
    this.ended = true
    this.socket.end()
  }

  /** Closes after what was sent has left, or after so many milliseconds, whether the peer closes its side or not. */
  endWithin (milliseconds: number): void {
    this.writer.flush()
    this.ended = true
    const timer = setTimeout(() => this.socket.destroy(), milliseconds)
    this.socket.once('close', () => clearTimeout(timer))
    this.socket.end(() => this.socket.destroy())
  }

  /** Closes at once; what came and was not handed over yet never is. */
  destroy (): void {
    this.parser.close()
    this.socket.destroy()
  }

  /** Hands over the frames of a chunk, or those that are left of the chunks before. */
  private read (chunk?: Buffer): void {
    try {
      const hasMore = chunk === undefined ? this.parser.resume() : this.parser.push(chunk)
      if (hasMore) this.readOn()
      else if (chunk === undefined) this.options.onCaughtUp?.()
    } catch (error) {
      debug('closing the connection with %s: %s', this.peerAddress, (error as Error).message)
      this.options.onMalformed?.(error instanceof MalformedFrame ? error.reason : 'malformedFrame')
      this.destroy()
    }
  }

  /**
   * Hands over the next batch when what the last one began is done and what it sent has left. A tick that a microtask
   * asks for comes when all microtasks have run, and one that this asks for behind those that write. Over TLS a write
   * takes a turn of the event loop and the next one waits for it: there, half as many calls again at 512 in flight.
   */
  private readOn (): void {
    const read = (): void => this.read()
    if (isEncrypted(this.socket)) setImmediate(read)
    else queueMicrotask(() => process.nextTick(() => process.nextTick(read)))
  }
}
