import { messageOf } from '../../../printable'
import { TransportError, type ReplyHandler, type Request } from '../../transport'
import type { EncodedValue } from '../../values/encode-value'

/** A request that was not sent yet. */
interface HeldRequest {
  readonly request: Request
  readonly encoded: EncodedValue
}

/** What {@link HeldRequests} needs of its connection. */
export interface HeldRequestsOptions {
  /** The handlers of the requests. */
  readonly pending: { take (id: number): ReplyHandler | undefined }
  /** Encodes a request once more: its deadline can be written now. */
  readonly encode: (request: Request) => EncodedValue
  readonly send: (id: number, encoded: EncodedValue) => void
}

/**
 * Requests that wait for their connection, or for the clock of the peer, in the order in which they were made. One that
 * is cancelled meanwhile is never sent.
 */
export class HeldRequests {
  /** How long their messages are in all. */
  length = 0
  private readonly byId = new Map<number, HeldRequest>()

  constructor (private readonly options: HeldRequestsOptions) {}

  /** Keeps a request until {@link HeldRequests.send}. */
  add (id: number, request: Request, encoded: EncodedValue): void {
    this.byId.set(id, { request, encoded })
    this.length += lengthOf(encoded)
  }

  /** Forgets a request; returns whether it was there. */
  delete (id: number): boolean {
    const held = this.byId.get(id)
    if (held === undefined) return false
    this.length -= lengthOf(held.encoded)
    return this.byId.delete(id)
  }

  /** @param knowsClock - whether requests with a deadline may be sent; others wait for the connection only */
  send (knowsClock: boolean): void {
    for (const [id, { request, encoded }] of this.byId) {
      const hasDeadline = request.deadline !== undefined
      if (hasDeadline && !knowsClock) continue
      this.delete(id)
      if (hasDeadline) this.sendAnew(id, request)
      else this.options.send(id, encoded)
    }
  }

  /** None of them was sent, nor will be. Whoever hears of it may make further requests, which are kept. */
  fail (reason: string): void {
    for (const id of [...this.byId.keys()]) {
      if (!this.delete(id)) continue
      this.options.pending.take(id)?.fail(new TransportError(reason, 'not-sent'))
    }
  }

  /** The values of the caller may have changed since, as they may before each further attempt. */
  private sendAnew (id: number, request: Request): void {
    const { pending, encode, send } = this.options
    let encoded: EncodedValue
    try {
      encoded = encode(request)
    } catch (error) {
      pending.take(id)?.fail(new TransportError(messageOf(error), 'not-sent'))
      return
    }
    send(id, encoded)
  }
}

function lengthOf ({ text, beside }: EncodedValue): number {
  return text.length + (beside?.length ?? 0)
}
