import { setMaxListeners } from 'node:events'
import { LONGEST } from '../remote/call-options'
import type { CallScope } from '../remote/call-scope'
import type { IncomingCall } from '../transport/transport'

/** What a call that is served knows of its caller's patience. The signal is made when somebody asks for it. */
export class ServedCallScope implements CallScope {
  private controller: AbortController | undefined
  private timer: NodeJS.Timeout | undefined
  /** Why there is nothing more to do, before somebody asked for the signal. */
  private aborted: DOMException | undefined
  /** Whether the call has its reply. */
  ended = false

  constructor (call: IncomingCall, readonly deadline: number) {
    call.onCancel = () => this.abort('its caller gave the call up')
  }

  get signal (): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal
    const controller = this.controller = new AbortController()
    // Each call that is made on behalf of this one listens.
    setMaxListeners(0, controller.signal)
    if (this.aborted !== undefined) controller.abort(this.aborted)
    else if (!this.ended) this.startTimer()
    return controller.signal
  }

  /** The call has its reply. */
  end (): void {
    this.ended = true
    clearTimeout(this.timer)
  }

  private startTimer (): void {
    const rest = Math.min(LONGEST, this.deadline - Date.now())
    this.timer = setTimeout(() => this.abort('the time of the call is over'), rest)
  }

  private abort (reason: string): void {
    if (this.ended) return
    clearTimeout(this.timer)
    this.aborted = new DOMException(reason, 'AbortError')
    this.controller?.abort(this.aborted)
  }
}
