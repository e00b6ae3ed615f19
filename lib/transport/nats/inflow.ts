import { contain } from '../boundary'
import type { OnRejected } from '../rejections'
import { MalformedMessage } from '../transport'
import type { OnBytes } from './connection'
import { MessageReader, type OnMessage } from './message-text'

/**
 * Messages that are passed on in one turn of the event loop, where more came as one. Fewer cost more CPU, as less
 * leaves at a time; with more, the other node has nothing to do for longer.
 */
const PART = 32

/** What reads what comes on a subject. */
export type OnBuffer = (subject: string, bytes: Buffer) => void

/** What an {@link Inflow} needs of its node. */
export interface InflowOptions {
  readonly onRejected: OnRejected
  /** Nothing waits to be passed on any more. */
  readonly onEmpty: () => void
}

/**
 * What comes to this node. Many messages that came as one are passed on in parts, one in each turn of the event loop:
 * what the first ones bring about leaves while the others wait, so that both nodes work at the same time. Passed on in
 * one go, they would take turns.
 *
 * All is passed on in the order in which it came, whoever sent it: what comes next first has the rest passed on. So one
 * rest waits at most, and no longer than until the next turns.
 */
export class Inflow {
  private rest: MessageReader | undefined
  private isScheduled = false
  private part = PART

  constructor (private readonly options: InflowOptions) {}

  /** Whether nothing waits to be passed on. */
  get isEmpty (): boolean {
    return this.rest === undefined
  }

  /** What takes what comes on a subject. @param onBytes - reads it; what it refuses as malformed is counted */
  reader (onBytes: OnBuffer): OnBytes {
    return (subject, bytes) => {
      this.finish()
      this.guard(() => onBytes(subject, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)))
    }
  }

  /**
   * Passes on messages, one after another, in as many turns as they need. Only for what {@link Inflow.reader} takes.
   *
   * @param at - where they begin
   * @throws {@link MalformedMessage} for what is no message, where that is found at once; later it is counted
   */
  readonly read = (text: string, at: number, onMessage: OnMessage): void => {
    this.readPart(new MessageReader(text, at, onMessage), this.part)
  }

  /** Passes on what waits; without effect while something is being passed on: its turns go on. */
  finish (): void {
    if (this.rest !== undefined) this.readRest(Infinity)
  }

  /** Passes on what waits, and from now on all at once: the node leaves. */
  end (): void {
    this.part = Infinity
    this.finish()
  }

  private readRest (most: number): void {
    const { rest } = this
    if (rest === undefined) return
    this.rest = undefined
    const { onRejected, onEmpty } = this.options
    // Nobody catches what is thrown in a turn of its own, and another message must not suffer for it.
    contain(onRejected, 'nats', () => this.guard(() => this.readPart(rest, most)))
    if (this.isEmpty) onEmpty()
  }

  private readPart (reader: MessageReader, most: number): void {
    if (!reader.read(most)) return
    this.rest = reader
    if (this.isScheduled) return
    this.isScheduled = true
    setImmediate(() => {
      this.isScheduled = false
      this.readRest(this.part)
    })
  }

  private guard (action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      this.options.onRejected('malformedFrame', 'nats', error.message)
    }
  }
}
