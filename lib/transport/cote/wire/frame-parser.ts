import { MalformedFrame } from './malformed-frame'

/**
 * The wire is AMP, as cote speaks it: one byte `0x10 | argc`, then for each argument
 * four bytes of length (big endian) and the bytes of the argument.
 */
export const VERSION = 1
const MAX_ARGUMENTS = 15

/** The arguments of one frame, as places in a buffer that is valid during the callback only. */
export interface Frame {
  readonly buffer: Buffer
  readonly count: number
  /** Start and end of argument n are `bounds[2 * n]` and `bounds[2 * n + 1]`. */
  readonly bounds: Uint32Array
}

/** Cuts a stream of bytes into frames, in one pass and without copying frames that arrive whole. */
export class FrameParser {
  private readonly frame: { buffer: Buffer, count: number, readonly bounds: Uint32Array }
  /** Bytes that are not handed over yet, and how many it takes to get on with them. */
  private waiting: Buffer[] = []
  private waitingLength = 0
  private needed = 0
  private behind = false
  private closed = false

  /**
   * @param onFrame - gets each frame; what it throws, `push` and `resume` throw
   * @param maxMessageSize - bytes; a longer frame is refused before its bytes are kept
   * @param batch - how many frames are handed over at a time
   */
  constructor (
    private readonly onFrame: (frame: Frame) => void, private readonly maxMessageSize: number,
    private readonly batch = Infinity
  ) {
    this.frame = { buffer: Buffer.alloc(0), count: 0, bounds: new Uint32Array(2 * MAX_ARGUMENTS) }
  }

  /** Whether a batch was handed over and more bytes wait for `resume`. */
  get isBehind (): boolean {
    return this.behind
  }

  /**
   * Takes bytes and hands over what frames there are, or a batch of them. Bytes that come before `resume` wait for it.
   *
   * @throws {@link MalformedFrame} when the bytes are no frame; the connection is of no use after that
   * @returns whether `resume` is to be called, once
   */
  push (chunk: Buffer): boolean {
    if (this.closed) return false
    if (this.waitingLength === 0) return this.consume(chunk)
    this.waiting.push(chunk)
    this.waitingLength += chunk.length
    return !this.behind && this.waitingLength >= this.needed && this.consume(this.takeWaiting())
  }

  /** Hands over the next batch, if one waits; for the rest see `push`. */
  resume (): boolean {
    if (!this.behind) return false
    this.behind = false
    return this.consume(this.takeWaiting())
  }

  /** Hands over nothing more, not even of the batch that is under way. */
  close (): void {
    this.closed = true
    this.behind = false
    this.waiting = []
    this.waitingLength = 0
  }

  private consume (buffer: Buffer): boolean {
    let start = 0
    for (let count = 0; start < buffer.length && !this.closed; count++) {
      if (count === this.batch) {
        this.keep(buffer.subarray(start), 0)
        this.behind = true
        return true
      }
      const end = this.locate(buffer, start)
      if (end > buffer.length) {
        this.keep(buffer.subarray(start), end - start)
        return false
      }
      this.frame.buffer = buffer
      this.onFrame(this.frame)
      start = end
    }
    return false
  }

  private keep (rest: Buffer, needed: number): void {
    this.waiting = [rest]
    this.waitingLength = rest.length
    this.needed = needed
  }

  private takeWaiting (): Buffer {
    const { waiting: [first] } = this
    const joined = this.waiting.length === 1 ? first : Buffer.concat(this.waiting, this.waitingLength)
    this.waiting = []
    this.waitingLength = 0
    return joined
  }

  /** Finds the arguments of the frame at `start`; returns its end, or how far the buffer must reach to say more. */
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
