import { Writable } from 'node:stream'
import { readArgument } from '../../../lib/transport/cote/wire/frame-argument'
import { FrameParser, type Frame } from '../../../lib/transport/cote/wire/frame-parser'

/** All arguments of a frame, read while it is valid. */
export function argumentsOf (frame: Frame): unknown[] {
  return Array.from({ length: frame.count }, (_, index) => readArgument(frame, index))
}

/** A parser, and the frames that it found so far. */
export function collecting (
  maxMessageSize = 16 * 1024 * 1024, batch?: number
): { parser: FrameParser, frames: unknown[][] } {
  const frames: unknown[][] = []
  return { parser: new FrameParser(frame => { frames.push(argumentsOf(frame)) }, maxMessageSize, batch), frames }
}

/** A socket of which the test decides when it has passed a write on. It keeps what it was given, as a socket does. */
export class HeldWritable extends Writable {
  readonly writes: Buffer[] = []
  private readonly held: Array<() => void> = []

  /** @param holds - whether each write waits for `release()`; else the kernel takes it at once, and it is copied */
  constructor (private readonly holds = false) {
    super({ highWaterMark: Number.MAX_SAFE_INTEGER })
  }

  get bytes (): Buffer {
    return Buffer.concat(this.writes)
  }

  override _write (chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(this.holds ? chunk : Buffer.from(chunk))
    if (this.holds) this.held.push(done)
    else done()
  }

  release (): void {
    this.held.shift()?.()
  }
}

/** The same sequence for the same seed (mulberry32). */
export function random (seed: number): () => number {
  let state = seed
  return () => {
    state = state + 0x6D2B79F5 | 0
    let t = Math.imul(state ^ state >>> 15, 1 | state)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return ((t ^ t >>> 14) >>> 0) / 4294967296
  }
}
