import { setMaxListeners } from 'node:events'
import { cancelled } from '../../errors'
import type { CallScope } from './call-scope'

/** The scope of one call that is served here. Its signal is made when it is first used. */
export class WorkScope implements CallScope {
  ended = false
  private controller: AbortController | undefined
  /** Why the call was cancelled. */
  private reason: string | undefined

  /** @param deadline - by the mesh clock; Infinity without a deadline */
  constructor (readonly deadline: number) {}

  get signal (): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal
    const controller = this.controller = new AbortController()
    // Each call that is made on behalf of this one adds a listener.
    setMaxListeners(0, controller.signal)
    if (this.reason !== undefined) controller.abort(cancelled(this.reason))
    else if (!this.ended) this.onWatched()
    return controller.signal
  }

  /** Aborts the signal: nobody waits for the service any more. */
  abort (reason: string): void {
    if (this.ended || this.reason !== undefined) return
    this.reason = reason
    // An error costs far more than the rest, and most services do not ask for the signal.
    this.controller?.abort(cancelled(reason))
  }

  /** The service has answered. */
  end (): void {
    this.ended = true
  }

  /** The signal was made: from now on it has to be known when the call is cancelled. */
  protected onWatched (): void {}
}
