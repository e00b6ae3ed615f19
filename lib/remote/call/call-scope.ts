import { AsyncLocalStorage } from 'node:async_hooks'

/** Context that a served call passes to its outgoing calls. */
export interface CallScope {
  /** When its caller stops waiting, by the mesh clock. */
  readonly deadline: number
  /** Aborted when its caller gives it up. */
  readonly signal: AbortSignal
  /** Whether the call has its reply: work that it left behind has no limits of it. */
  readonly ended: boolean
}

/**
 * Finds the served call on whose behalf code of a node runs.
 *
 * On Node 20 an AsyncLocalStorage costs time at each promise, half as much again for a served call. So it is used from
 * when this node gets its first remote, or makes a call without one: nodes that only serve never need it. `track()` may
 * come at any time: calls that are served by then are found while there is only one of them, and otherwise an outgoing
 * call has the limits of its own options only.
 */
export class CallScopes {
  private storage: AsyncLocalStorage<CallScope> | undefined
  /** Calls served before tracking began: how many, and the one that began when there was none. */
  private untracked = 0
  private lone: CallScope | undefined

  /** Begins to track served calls, as this node is going to make calls. Further calls of it change nothing. */
  track (): void {
    this.storage ??= new AsyncLocalStorage()
  }

  /** Runs the work of a served call: calls made within it get its limits. */
  run<T> (scope: CallScope, work: () => T): T {
    if (this.storage !== undefined) return this.storage.run(scope, work)
    if (this.untracked++ === 0) this.lone = scope
    return work()
  }

  /** A served call has its reply. */
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

  /** Among several calls it is not known which one it is: then the new call gets the limits of none. */
  private onlyUntracked (): CallScope | undefined {
    return this.untracked === 1 ? this.lone : undefined
  }
}
