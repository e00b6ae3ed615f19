import { setMaxListeners } from 'node:events'
import type { CallScope } from './call-scope'

/** The scope of one call that is served here. Its signal is made when somebody asks for it. */
export class WorkScope implements CallScope {
  ended = false
  private controller: AbortController | undefined
  /** Why there is nothing more to do. */
  private reason: DOMException | undefined

  /** @param deadline - in milliseconds since 1970; Infinity where there is none */
  constructor (readonly deadline: number) {}

  get signal (): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal
    const controller = this.controller = new AbortController()
    // Each call that is made on behalf of this one listens.
    setMaxListeners(0, controller.signal)
    if (this.reason !== undefined) controller.abort(this.reason)
    else if (!this.ended) this.onWatched()
    return controller.signal
  }

  /** Tells the service that nobody waits for it any more. */
  abort (reason: string): void {
    if (this.ended || this.reason !== undefined) return
    this.reason = new DOMException(reason, 'AbortError')
    this.controller?.abort(this.reason)
  }

  /** The service has answered. */
  end (): void {
    this.ended = true
  }

  /** Somebody wants to know when the call is given up. */
  protected onWatched (): void {}
}
