import { MalformedMessage } from '../../transport'
import { WaitingBytes } from './waiting-bytes'

/**
 * The version of AMP, the protocol of cote's connections. A frame is one byte `0x10 | argc`, then for each argument its
 * length in four bytes (big endian) and its bytes.
 */
export const VERSION = 1
const MAX_ARGUMENTS = 15
/** What takes the place of a buffer that is not needed any more. */
const NO_BYTES = Buffer.alloc(0)

/** The arguments of one frame, as ranges of a buffer. It is valid only until the callback that gets it returns. */
export interface Frame {
  readonly buffer: Buffer
  /** The number of arguments. */
  readonly count: number
  /** Start and end of argument n are `bounds[2 * n]` and `bounds[2 * n + 1]`. */
  readonly bounds: Uint32Array
}

/** The bytes of the arguments of a frame. */
export function lengthOf ({ bounds, count }: Frame): number {
  return bounds[2 * count - 1] - bounds[0]
}

/** Bytes that are no frame, or a frame that is too long. */
export class MalformedFrame extends MalformedMessage {
  override readonly name = 'MalformedFrame'

  /** @param reason - the counter that it adds to */
  constructor (message: string, readonly reason: 'malformedFrame' | 'overlongMessage' = 'malformedFrame') {
    super(message)
  }
}

/** Splits a stream of bytes into frames, in one pass and without copying frames that arrive whole. */
export class FrameParser {
  private readonly frame: { buffer: Buffer, count: number, readonly bounds: Uint32Array }
  /** Bytes not parsed yet, and how many of them are needed to go on. */
  private readonly waiting = new WaitingBytes()
  private needed = 0
  /** Counts the frames that did not arrive completely with what was pushed. */
  begun = 0
  /** Whether no frame is passed on for now: those that have arrived wait for `resume`. */
  isHeld = false
  private behind = false
  private closed = false

  /**
   * @param onFrame - receives each frame; `push` and `resume` throw what it throws
   * @param maxMessageSize - in bytes; a longer frame is rejected before its bytes are stored
   * @param batch - the most frames passed on by one `push` or `resume`
   */
  constructor (
    private readonly onFrame: (frame: Frame) => void, private readonly maxMessageSize: number,
    private readonly batch = Infinity
  ) {
    this.frame = { buffer: NO_BYTES, count: 0, bounds: new Uint32Array(2 * MAX_ARGUMENTS) }
  }

  /** Whether a batch was passed on and more bytes wait for `resume`. */
  get isBehind (): boolean {
    return this.behind
  }

  /** The bytes of a frame that has not arrived completely. */
  get unfinished (): number {
    return this.behind ? 0 : this.waiting.length
  }

  /**
   * Adds bytes and passes on the frames that are complete, at most a batch. Bytes added before `resume` wait for it.
   *
   * @throws {@link MalformedFrame} for bytes that are no frame; the connection can't be used after that
   * @returns whether `resume` must be called, once
   */
  push (chunk: Buffer): boolean {
    if (this.closed) return false
    const { waiting } = this
    if (waiting.length === 0) return this.consume(chunk)
    waiting.add(chunk)
    return !this.behind && waiting.length >= this.needed && this.consume(waiting.take())
  }

  /** Passes on the next batch, if one waits. Throws and returns what `push` does. */
  resume (): boolean {
    if (!this.behind) return false
    this.behind = false
    return this.consume(this.waiting.take())
  }

  /** Stops passing on frames, including the rest of the current batch. */
  close (): void {
    this.closed = true
    this.behind = false
    this.waiting.clear()
  }

  private consume (buffer: Buffer): boolean {
    let start = 0
    for (let count = 0; start < buffer.length && !this.closed; count++) {
      if (count === this.batch || this.isHeld) {
        this.waiting.addWhole(buffer.subarray(start))
        this.behind = true
        break
      }
      const end = this.locate(buffer, start)
      if (end > buffer.length) {
        this.waiting.add(buffer.subarray(start))
        this.needed = end - start
        this.begun++
        break
      }
      this.frame.buffer = buffer
      this.onFrame(this.frame)
      start = end
    }
    // An idle connection must not keep the last message.
    this.frame.buffer = NO_BYTES
    return this.behind
  }

  /** Finds the arguments of the frame at `start`. Returns its end, or the length of buffer needed to go on. */
  private locate (buffer: Buffer, start: number): number {
    const meta = buffer[start] ?? 0
    const count = meta & 0xf
    if (meta >> 4 !== VERSION || count === 0) throw new MalformedFrame(`a frame can't begin with byte 0x${meta.toString(16)}`)
    const { bounds } = this.frame
    let offset = start + 1
    for (let n = 0; n < count; n++) {
      if (offset + 4 > buffer.length) return offset + 4
      const length = buffer.readUInt32BE(offset)
      offset += 4
      bounds[2 * n] = offset
      offset += length
      bounds[2 * n + 1] = offset
      if (offset - start > this.maxMessageSize) {
        const message = `a frame of ${offset - start} bytes or more is over the limit of ${this.maxMessageSize}`
        throw new MalformedFrame(message, 'overlongMessage')
      }
    }
    this.frame.count = count
    return offset
  }
}
