import { meshNow } from '../../clock'
import { MAX_TIMER_MS } from '../../contract/method-policy'
import { WorkScope } from '../../remote/call/work-scope'
import type { IncomingCall } from '../../transport/transport'

/** The scope of a served call: aborted when the caller cancels the call, or when its deadline passes. */
export class ServedCallScope extends WorkScope {
  private timer: NodeJS.Timeout | undefined

  constructor (call: IncomingCall, deadline: number) {
    super(deadline)
    call.onCancel = () => this.abort('its caller gave the call up')
  }

  override abort (reason: string): void {
    clearTimeout(this.timer)
    super.abort(reason)
  }

  override end (): void {
    clearTimeout(this.timer)
    super.end()
  }

  protected override onWatched (): void {
    const rest = Math.max(0, Math.min(MAX_TIMER_MS, this.deadline - meshNow()))
    this.timer = setTimeout(() => this.abort('the time of the call is over'), rest)
  }
}
