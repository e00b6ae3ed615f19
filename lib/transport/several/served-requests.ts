import { Drain } from '../drain'
import type { IncomingCall, ReplyDetails } from '../transport'

/** Counts the calls that a node serves by each of its transports, so that it leaves one after another. */
export class ServedRequests {
  private readonly counts: number[] = []
  private readonly drains: Drain[] = []

  /** Calls of a transport are under way from now on until they are answered or cancelled. */
  track (place: number, call: IncomingCall): IncomingCall {
    this.counts[place] = (this.counts[place] ?? 0) + 1
    return new TrackedCall(call, () => {
      this.counts[place] = (this.counts[place] ?? 0) - 1
      this.drains[place]?.check()
    })
  }

  /** Resolves when no call of a transport is under way. */
  async whenIdle (place: number): Promise<void> {
    const drain = this.drains[place] ??= new Drain(() => (this.counts[place] ?? 0) === 0)
    await drain.wait()
  }
}

/** A call that tells once when it has ended. */
class TrackedCall implements IncomingCall {
  onCancel?: () => void
  private hasEnded = false

  constructor (private readonly call: IncomingCall, private readonly onEnd: () => void) {
    call.onCancel = () => {
      this.end()
      this.onCancel?.()
    }
  }

  get request (): IncomingCall['request'] { return this.call.request }

  get caller (): IncomingCall['caller'] { return this.call.caller }

  get bytes (): number | undefined { return this.call.bytes }

  get replyLength (): number | undefined { return this.call.replyLength }

  reply (error: unknown, value?: unknown, details?: ReplyDetails): void {
    this.call.reply(error, value, details)
    this.end()
  }

  private end (): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.onEnd()
  }
}
