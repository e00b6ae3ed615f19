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
  /** Calls that began to be served while nobody had asked. */
  private readonly untracked = new Set<CallScope>()

  /** This node will make calls: from now on each knows on whose behalf it is. */
  track (): void {
    this.storage ??= new AsyncLocalStorage()
  }

  /** Runs the work of a call, so that calls made meanwhile know of it. */
  run<T> (scope: CallScope, work: () => T): T {
    if (this.storage !== undefined) return this.storage.run(scope, work)
    this.untracked.add(scope)
    return work()
  }

  /** A call has its reply. */
  end (scope: CallScope): void {
    if (this.untracked.size > 0) this.untracked.delete(scope)
  }

  /** The call on whose behalf this code runs. */
  current (): CallScope | undefined {
    const scope = this.storage === undefined ? this.onlyUntracked() : this.storage.getStore()
    this.track()
    return scope?.ended === true ? undefined : scope
  }

  /** Of several calls it can't be known which one it is: then it is none, and the new call has a time of its own. */
  private onlyUntracked (): CallScope | undefined {
    if (this.untracked.size !== 1) return undefined
    const [scope] = this.untracked
    return scope
  }
}
