/** Chunks below this length are copied: each costs hundreds of bytes beside those that it holds. */
const SMALL = 4 * 1024
/** The least and the most bytes of a buffer that small chunks are copied to. */
const MIN_BUFFER = 512
const MAX_BUFFER = 64 * 1024

/** Bytes that wait for others. They take memory in proportion to their number, in however many pieces they arrive. */
export class WaitingBytes {
  /** How many bytes wait. */
  length = 0
  private chunks: Buffer[] = []
  /** Takes small chunks; as long as all bytes before it, so that their number of buffers stays small. */
  private buffer: Buffer | undefined
  private used = 0

  /** Adds bytes. Many are not copied, unless they are the short rest of others, which would stay with them. */
  add (chunk: Buffer): void {
    if (chunk.length < SMALL) this.copy(chunk)
    else this.addWhole(2 * chunk.length < chunk.buffer.byteLength ? Buffer.from(chunk) : chunk)
  }

  /** Adds bytes that are needed again soon, and are not copied. */
  addWhole (chunk: Buffer): void {
    this.closeBuffer()
    this.chunks.push(chunk)
    this.length += chunk.length
  }

  /** Returns all bytes in one piece, and keeps none. */
  take (): Buffer {
    this.closeBuffer()
    const { chunks: [first] } = this
    const joined = this.chunks.length === 1 ? first : Buffer.concat(this.chunks, this.length)
    this.clear()
    return joined
  }

  /** Forgets all bytes. */
  clear (): void {
    this.chunks = []
    this.buffer = undefined
    this.length = this.used = 0
  }

  private copy (chunk: Buffer): void {
    if (this.buffer !== undefined && this.buffer.length - this.used < chunk.length) this.closeBuffer()
    if (this.buffer === undefined) {
      const size = Math.min(MAX_BUFFER, Math.max(MIN_BUFFER, this.length, chunk.length))
      // A slab that Node shares among buffers would stay as long as the last of them.
      this.buffer = Buffer.allocUnsafeSlow(size)
    }
    this.used += chunk.copy(this.buffer, this.used)
    this.length += chunk.length
  }

  private closeBuffer (): void {
    if (this.buffer === undefined) return
    this.chunks.push(this.buffer.subarray(0, this.used))
    this.buffer = undefined
    this.used = 0
  }
}
