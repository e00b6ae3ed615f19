import type { CallScope } from '../remote/call-scope'
import type { IncomingCall } from '../transport/transport'

/** What a call that is served knows of its caller's patience. The signal is made when somebody asks for it. */
export class ServedCallScope implements CallScope {
  private controller: AbortController | undefined
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly call: IncomingCall, readonly deadline: number) {}

  get signal (): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal
    const controller = this.controller = new AbortController()
    this.call.onCancel = () => this.abort('its caller gave the call up')
    this.timer = setTimeout(() => this.abort('the time of the call is over'), this.deadline - Date.now())
    return controller.signal
  }

  /** The call has its reply. */
  end (): void {
    clearTimeout(this.timer)
  }

  private abort (reason: string): void {
    clearTimeout(this.timer)
    this.controller?.abort(new DOMException(reason, 'AbortError'))
  }
}
