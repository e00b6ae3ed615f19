import { failedCallOf, notHosted } from '../../errors'
import { RequestRefused, type IncomingCall } from '../../transport/transport'

/** How many calls wait for the end of a set-up; further ones are rejected. */
const MAX_EARLY_CALLS = 1_000
/** What these calls may take, in bytes. */
const MAX_EARLY_BYTES = 64 * 1024 * 1024

/**
 * Calls that arrive while the app is being set up. Mesh nodes call only what is offered, so their calls are rejected,
 * and the callers try another node. Nodes of feathers-distributed call any node of a key as soon as they discover it,
 * so their calls wait.
 */
export class EarlyCalls {
  private waiting: IncomingCall[] = []
  private bytes = 0
  private closed = false

  /** Keeps a call until {@link release}, or rejects it. */
  take (call: IncomingCall): void {
    // Nodes of feathers-distributed send no deadline.
    const canWait = call.request.deadline === undefined && !this.closed
    const bytes = this.bytes + (call.bytes ?? 0)
    if (!canWait || this.waiting.length >= MAX_EARLY_CALLS || bytes > MAX_EARLY_BYTES) return reject(call)
    this.bytes = bytes
    this.waiting.push(call)
  }

  /** Keeps calls from now on: the node joins. */
  open (): void {
    this.closed = false
  }

  /** Serves the calls that waited: the app is set up. */
  release (serve: (call: IncomingCall) => void): void {
    for (const call of this.takeAll()) serve(call)
  }

  /** Rejects the calls that wait, and all that arrive later: the node leaves. */
  close (): void {
    this.closed = true
    for (const call of this.takeAll()) reject(call)
  }

  private takeAll (): IncomingCall[] {
    const { waiting } = this
    this.waiting = []
    this.bytes = 0
    return waiting
  }
}

function reject (call: IncomingCall): void {
  call.reply(new RequestRefused(notHosted(failedCallOf(call.request))))
}
