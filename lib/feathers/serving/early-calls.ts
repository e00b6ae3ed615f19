import { notHosted } from '../../errors'
import { RequestRefused, type IncomingCall } from '../../transport/transport'

/** So many calls wait for the end of a set-up. */
const MAX_EARLY_CALLS = 1_000

/**
 * Calls that come while the app is being set up. Our own kind calls nothing that is not offered; it is told to ask
 * another node. Nodes of feathers-distributed call any node of a key as soon as they hear of it: their calls wait.
 */
export class EarlyCalls {
  private waiting: IncomingCall[] = []
  private closed = false

  take (call: IncomingCall): void {
    // Old nodes send no deadline.
    if (call.request.deadline === undefined && !this.closed && this.waiting.length < MAX_EARLY_CALLS) this.waiting.push(call)
    else reject(call)
  }

  /** The node joins. */
  open (): void {
    this.closed = false
  }

  /** The app is set up. */
  release (serve: (call: IncomingCall) => void): void {
    for (const call of this.takeAll()) serve(call)
  }

  /** The node leaves. */
  close (): void {
    this.closed = true
    for (const call of this.takeAll()) reject(call)
  }

  private takeAll (): IncomingCall[] {
    const { waiting } = this
    this.waiting = []
    return waiting
  }
}

function reject (call: IncomingCall): void {
  const { path, method: method } = call.request
  // What came over the wire may be no path at all.
  call.reply(new RequestRefused(notHosted({ path: typeof path === 'string' ? path : '', method })))
}
