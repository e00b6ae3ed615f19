import type { ReplyHandler } from '../../transport'

/** Requests that a node makes of its own accord. Nobody waits for the answers when it leaves. */
export class OwnRequests {
  private readonly cancels = new Set<() => void>()

  /** How many wait for their answer. */
  get size (): number {
    return this.cancels.size
  }

  /**
   * Makes a request.
   *
   * @param send - sends it with the handler that it is given, and returns its id
   * @param cancel - gives it up
   */
  add (send: (handler: ReplyHandler) => number, cancel: (id: number) => void, { settle, fail }: ReplyHandler): void {
    const giveUp = (): void => {
      this.cancels.delete(giveUp)
      cancel(id)
    }
    const id = send({
      settle: (error, value) => {
        this.cancels.delete(giveUp)
        settle(error, value)
      },
      fail: error => {
        this.cancels.delete(giveUp)
        fail(error)
      }
    })
    // Only now: one that could not be sent is not there to be given up.
    this.cancels.add(giveUp)
  }

  /** Gives all of them up. */
  cancelAll (): void {
    for (const giveUp of this.cancels) giveUp()
  }
}
