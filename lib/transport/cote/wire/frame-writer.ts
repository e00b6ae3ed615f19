import type { Writable } from 'node:stream'
import type { EncodedValue } from '../../values/encode-value'
import { MAX_DIGITS, writeDigits } from './digits'
import { VERSION } from './frame-parser'

const PAGE_SIZE = 64 * 1024
/** Stands for the page of a writer that has nothing to send. */
const NO_PAGE = Buffer.alloc(0)
/** From this many bytes on, frames are written at once, so that the peer starts before this side's turn is over. */
const EARLY_FLUSH = 16 * 1024
/** The same over TLS, where each write delays the next one by a turn: a fifth more calls at 512 in flight. */
const EARLY_FLUSH_TLS = 32 * 1024
/** The length of an argument, and its type: `j:` or `s:`. */
const LENGTH_SIZE = 4
const TYPE_SIZE = 2
/** Up to this length, characters are written one by one, which is quicker than a call into Node. */
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

/** The id of a frame: a string, or a whole number from 0 with at most 16 digits, which is written without a string. */
export interface IdArgument {
  readonly type: 's'
  readonly text: string | number
}

/** Whether a socket is one of TLS, where each write delays the next one by a turn of the event loop. */
export function isEncrypted (socket: Writable): boolean {
  return 'encrypted' in socket
}

/**
 * Collects frames in pages, and writes all frames of one turn of the event loop to the socket at once. The write
 * happens on `nextTick`, after all microtasks, so that the replies of many promises leave together.
 */
export class FrameWriter {
  private page: Buffer = NO_PAGE
  /** The end of the bytes in the page, and of those that the socket has. */
  private end = 0
  private sent = 0
  private scheduled = false
  /** The bytes of the socket when {@link letGo} was called last. */
  private lastWritten = 0
  private readonly earlyFlush: number

  constructor (private readonly socket: Writable) {
    this.earlyFlush = isEncrypted(socket) ? EARLY_FLUSH_TLS : EARLY_FLUSH
  }

  /** Bytes that have not left this process yet. */
  get backlog (): number {
    return this.end - this.sent + this.socket.writableLength
  }

  /** Adds one frame. */
  write (...args: ReadonlyArray<TextArgument | IdArgument>): void {
    let size = 1
    for (const { text } of args) size += LENGTH_SIZE + TYPE_SIZE + maxBytes(text)
    this.reserve(size)
    this.page[this.end++] = VERSION << 4 | args.length
    for (const { type, text } of args) this.writeArgument(type, text)
    this.schedule()
  }

  /** Adds one frame of a value and an id, and of what precedes the value. Nearly all frames are such ones. */
  writeValue ({ plain, text }: EncodedValue, id: string | number, before?: TextArgument): void {
    const beforeSize = before === undefined ? 0 : LENGTH_SIZE + TYPE_SIZE + maxBytes(before.text)
    this.reserve(1 + beforeSize + 2 * (LENGTH_SIZE + TYPE_SIZE) + maxBytes(text) + maxBytes(id))
    this.page[this.end++] = VERSION << 4 | (before === undefined ? 2 : 3)
    if (before !== undefined) this.writeArgument(before.type, before.text)
    this.writeArgument(plain ? 'j' : 'v', text)
    this.writeArgument('s', id)
    this.schedule()
  }

  /** Passes everything to the socket now. */
  flush (): void {
    if (this.end === this.sent || this.socket.destroyed) return
    this.socket.write(this.page.subarray(this.sent, this.end))
    this.sent = this.end
    // A large page, needed for one long message, belongs to the socket from now on.
    if (this.page.length > PAGE_SIZE) this.dropPage()
    else this.reuse()
  }

  /**
   * Gives up the page if nothing was written since the last call: most connections are idle.
   *
   * @param written - all bytes that were written so far
   */
  letGo (written: number): void {
    if (written === this.lastWritten && this.end === this.sent && this.socket.writableLength === 0) this.dropPage()
    this.lastWritten = written
  }

  private dropPage (): void {
    this.page = NO_PAGE
    this.end = this.sent = 0
  }

  /** Reuses the page once all of it has left the socket; a TLS socket releases it a turn later. */
  private reuse (): void {
    if (this.end === this.sent && this.socket.writableLength === 0) this.end = this.sent = 0
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

  private writeArgument (type: TextArgument['type'], text: string | number): void {
    const { page, end } = this
    const start = end + LENGTH_SIZE
    // The length is written after the text, which saves a pass over the text.
    const bytes = TYPE_SIZE + this.writeText(text, start + TYPE_SIZE)
    page[start] = type.charCodeAt(0)
    page[start + 1] = 58 // :
    page.writeUInt32BE(bytes, end)
    this.end = start + bytes
  }

  /** Writes a text and returns the number of its bytes. */
  private writeText (text: string | number, offset: number): number {
    if (typeof text === 'number') return writeDigits(text, this.page, offset)
    if (text.length > SHORT) return this.page.write(text, offset)
    for (let n = 0; n < text.length; n++) {
      const unit = text.charCodeAt(n)
      if (unit > MAX_ASCII) return this.page.write(text, offset)
      this.page[offset + n] = unit
    }
    return text.length
  }

  /** Ensures that the page has room for a frame of this size. */
  private reserve (size: number): void {
    if (this.sent > 0) this.reuse()
    if (this.page.length - this.end >= size) return
    this.flush()
    if (this.end === 0 && this.page.length >= size) return
    this.page = emptyPage(Math.max(PAGE_SIZE, size))
    this.end = this.sent = 0
  }
}

/** The page is zeroed. Otherwise it could expose earlier contents of the process's memory, such as private keys. */
function emptyPage (size: number): Buffer {
  return Buffer.alloc(size)
}

/** The most bytes of a text. Three times its length is a quick bound, but reserves too much for long texts. */
function maxBytes (text: string | number): number {
  if (typeof text === 'number') return MAX_DIGITS
  const max = text.length * MAX_BYTES_PER_UNIT
  return max <= PAGE_SIZE ? max : Buffer.byteLength(text)
}
