import type { EventMessage } from '../../transport'

/** Events of a new connection that wait for the rest of those of the one before it, and their bytes on the wire. */
const MAX_HELD = 10_000
const MAX_HELD_BYTES = 64 * 1024 * 1024

/** The events that a new connection has brought while the one before it has not brought its last. */
export class HeldEvents {
  readonly all: EventMessage[] = []
  private bytes = 0

  /** Whether it holds more than may wait. */
  get isOverfull (): boolean {
    return this.all.length > MAX_HELD || this.bytes > MAX_HELD_BYTES
  }

  /** Adds an event. @param bytes - those that it had on the wire */
  add (message: EventMessage, bytes: number): void {
    this.all.push(message)
    this.bytes += bytes
  }
}
