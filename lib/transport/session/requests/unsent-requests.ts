import { TransportError, type ReplyHandler } from '../../transport'

/**
 * Requests that can't be sent. Each fails later, as a handler is never called while its request is made; and not at all
 * if it is cancelled until then.
 */
export class UnsentRequests {
  private readonly handlers = new Map<number, ReplyHandler>()
  /** Below all ids of requests that are sent. */
  private lastId = 0

  /**
   * Fails a request as not sent.
   *
   * @returns the id to cancel it by
   */
  add (handler: ReplyHandler, reason: string): number {
    const id = --this.lastId
    this.handlers.set(id, handler)
    queueMicrotask(() => {
      if (this.cancel(id)) handler.fail(new TransportError(reason, 'not-sent'))
    })
    return id
  }

  /** Gives a request up; returns whether it was there. */
  cancel (id: number): boolean {
    return this.handlers.delete(id)
  }
}
