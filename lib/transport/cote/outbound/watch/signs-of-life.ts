import type { ReplyHandler } from '../../../transport'

/** A connection on which bytes come. */
interface Source {
  readonly bytesRead: number
}

/** When a byte of a peer came last, to tell one whose hellos get lost from one that is gone. */
export class SignsOfLife {
  private source: Source | undefined
  private bytesRead = 0
  /** When bytes were found last, by `performance.now()`. */
  private foundAt = -Infinity
  private timer: NodeJS.Timeout | undefined
  private onEnd: ((isThere: boolean) => void) | undefined

  /** Looks whether bytes have come on the connection in use; called now and then. */
  look (source: Source | undefined): void {
    if (source === undefined || (source === this.source && source.bytesRead === this.bytesRead)) return
    // What came on another connection is no news of this one.
    if (source.bytesRead > 0) this.foundAt = performance.now()
    this.source = source
    this.bytesRead = source.bytesRead
  }

  /** Whether bytes came within this time, as far as somebody looked. */
  came (source: Source, withinMs: number): boolean {
    this.look(source)
    return performance.now() - this.foundAt <= withinMs
  }

  /** Asks the peer, and resolves to whether it answers, or anything comes of it, within this time. */
  async wait (source: Source, withinMs: number, ask: (handler: ReplyHandler) => void): Promise<boolean> {
    this.stop()
    const { bytesRead } = source
    const answer = new Promise<boolean>(resolve => { this.onEnd = resolve })
    this.timer = setTimeout(() => this.end(source.bytesRead !== bytesRead), withinMs)
    ask({ settle: () => this.end(true), fail: () => this.end(false) })
    return await answer
  }

  /** Nobody waits any more. */
  stop (): void {
    this.end(false)
  }

  private end (isThere: boolean): void {
    clearTimeout(this.timer)
    this.onEnd?.(isThere)
    this.onEnd = undefined
  }
}
