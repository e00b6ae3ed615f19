import { AsyncLocalStorage } from 'node:async_hooks'

/** What a call that is being served hands on to the calls that are made on its behalf. */
export interface CallScope {
  /** When its caller stops waiting, in milliseconds since 1970. */
  readonly deadline: number
  /** Aborted when its caller gives it up. */
  readonly signal: AbortSignal
  /** Whether the call has its reply: what it started and left behind is on its own. */
  readonly ended: boolean
}

/**
 * Knows on whose behalf code of a node runs.
 *
 * Node 20 pays for an AsyncLocalStorage at each promise, half as much again for a served call as without. So it is
 * used from when this node asks for a remote, or makes a call without one: nodes that only serve never need it.
 */
export class CallScopes {
  private storage: AsyncLocalStorage<CallScope> | undefined
  /** Calls served while nobody has asked: how many, and the one that began when there was none. */
  private untracked = 0
  private lone: CallScope | undefined

  /** This node will make calls: from now on each knows on whose behalf it is. */
  track (): void {
    this.storage ??= new AsyncLocalStorage()
  }

  /** Runs the work of a call, so that calls made meanwhile know of it. */
  run<T> (scope: CallScope, work: () => T): T {
    if (this.storage !== undefined) return this.storage.run(scope, work)
    if (this.untracked++ === 0) this.lone = scope
    return work()
  }

  /** A call has its reply. */
  end (scope: CallScope): void {
    if (this.storage !== undefined) return
    this.untracked--
    if (this.lone === scope) this.lone = undefined
  }

  /** The call on whose behalf this code runs. */
  current (): CallScope | undefined {
    const scope = this.storage === undefined ? this.onlyUntracked() : this.storage.getStore()
    this.track()
    return scope?.ended === true ? undefined : scope
  }

  /** Of several calls it can't be known which one it is: then it is none, and the new call has a time of its own. */
  private onlyUntracked (): CallScope | undefined {
    return this.untracked === 1 ? this.lone : undefined
  }
}
