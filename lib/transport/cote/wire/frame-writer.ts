import type { Writable } from 'node:stream'
import { MAX_DIGITS, writeDigits } from './digits'
import { VERSION } from './frame-parser'
import { isEncrypted } from './is-encrypted'

const PAGE_SIZE = 64 * 1024
/** Written at once, so that the peer starts to work before this side has finished its turn. */
const EARLY_FLUSH = 16 * 1024
/** The same over TLS, where what is behind a write waits a turn for it: a fifth more calls at 512 in flight. */
const EARLY_FLUSH_TLS = 32 * 1024
/** The length of an argument, and its type: `j:` or `s:`. */
const LENGTH_SIZE = 4
const TYPE_SIZE = 2
/** Up to so many characters are written one by one, which takes less time than to ask Node for it. */
const SHORT = 20
/** The most bytes that UTF-8 needs for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3
const MAX_ASCII = 0x7f

/**
 * An argument of a frame: text behind its type, `j` for JSON, `v` for a value beyond JSON, `s` for a string,
 * `b` for what travels beside a value.
 */
export interface TextArgument {
  readonly type: 'j' | 'v' | 's' | 'b'
  readonly text: string
}

/** The id of a frame. A whole number from 0, of 16 digits at most, is written as they are. */
export interface IdArgument {
  readonly type: 's'
  readonly text: string | number
}

/**
 * Writes frames into pages and pages to the socket, all frames of one turn of the event loop in one write.
 * They go out on `nextTick`: after all microtasks, so that replies that many promises make leave together.
 */
export class FrameWriter {
  private page = emptyPage(PAGE_SIZE)
  /** What is written to the page, and what of that went to the socket. */
  private end = 0
  private sent = 0
  private scheduled = false
  private readonly earlyFlush: number

  constructor (private readonly socket: Writable) {
    this.earlyFlush = isEncrypted(socket) ? EARLY_FLUSH_TLS : EARLY_FLUSH
  }

  /** Bytes that the socket has not passed on yet. */
  get backlog (): number {
    return this.end - this.sent + this.socket.writableLength
  }

  /** Adds one frame. */
  write (...args: ReadonlyArray<TextArgument | IdArgument>): void {
    let size = 1
    for (const { text } of args) size += LENGTH_SIZE + TYPE_SIZE + mostBytes(text)
    this.reserve(size)
    let offset = this.end
    this.page[offset++] = VERSION << 4 | args.length
    for (const { type, text } of args) {
      const start = offset + LENGTH_SIZE
      // The text first and its length after it: that saves a pass over the text.
      const bytes = TYPE_SIZE + this.writeText(text, start + TYPE_SIZE)
      this.page[start] = type.charCodeAt(0)
      this.page[start + 1] = 58 // :
      this.page.writeUInt32BE(bytes, offset)
      offset = start + bytes
    }
    this.end = offset
    this.schedule()
  }

  /** Hands everything to the socket now. */
  flush (): void {
    if (this.end === this.sent || this.socket.destroyed) return
    this.socket.write(this.page.subarray(this.sent, this.end))
    this.sent = this.end
    this.reuse()
  }

  /** Begins the page anew when nothing of it is left here or in the socket; one of TLS lets go a turn later. */
  private reuse (): void {
    if (this.end !== this.sent || this.socket.writableLength > 0) return
    this.end = this.sent = 0
    // A page that one long message needed is not kept for the short ones.
    if (this.page.length > PAGE_SIZE) this.page = emptyPage(PAGE_SIZE)
  }

  private schedule (): void {
    if (this.end - this.sent >= this.earlyFlush) return this.flush()
    if (this.scheduled) return
    this.scheduled = true
    process.nextTick(() => {
      this.scheduled = false
      this.flush()
    })
  }

  /** Returns the number of bytes. */
  private writeText (text: string | number, offset: number): number {
    if (typeof text === 'number') return writeDigits(text, this.page, offset)
    if (text.length > SHORT) return this.page.write(text, offset, 'utf8')
    for (let n = 0; n < text.length; n++) {
      const unit = text.charCodeAt(n)
      if (unit > MAX_ASCII) return this.page.write(text, offset, 'utf8')
      this.page[offset + n] = unit
    }
    return text.length
  }

  /** Makes room for so many bytes in one piece. */
  private reserve (size: number): void {
    if (this.sent > 0) this.reuse()
    if (this.page.length - this.end >= size) return
    this.flush()
    if (this.end === 0 && this.page.length >= size) return
    this.page = emptyPage(Math.max(PAGE_SIZE, size))
    this.end = this.sent = 0
  }
}

/** Zeroed: else it would show what the process had in that memory before, private keys among it. */
function emptyPage (size: number): Buffer {
  return Buffer.alloc(size)
}

/** Room for a text: three times its length is quick to know, and for long texts too much memory to ask for. */
function mostBytes (text: string | number): number {
  if (typeof text === 'number') return MAX_DIGITS
  const most = text.length * MAX_BYTES_PER_UNIT
  return most <= PAGE_SIZE ? most : Buffer.byteLength(text)
}
