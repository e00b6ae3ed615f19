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
 * Finds the served call on whose behalf code of a node runs. Where that is not known, a call has the limits of its own
 * options only: never those of a call that merely runs at the same time.
 *
 * On Node 20 an AsyncLocalStorage costs time at each promise, half as much again for a served call. So it is used from
 * when this node can make calls: it has a remote, or a service of another node on its app. Nodes that only serve never
 * need it. A call that was served before is known as long as it has not waited for anything.
 */
export class CallScopes {
  private storage: AsyncLocalStorage<CallScope> | undefined
  /** The call that runs now, and has done so since it began; without a storage. */
  private running: CallScope | undefined

  /** Whether it tracks served calls. */
  get isTracking (): boolean {
    return this.storage !== undefined
  }

  /** Begins to track served calls, as this node can make calls. Further calls of it change nothing. */
  track (): void {
    this.storage ??= new AsyncLocalStorage()
  }

  /** Runs the work of a served call: calls made within it get its limits. */
  run<T> (scope: CallScope, work: () => T): T {
    if (this.storage !== undefined) return this.storage.run(scope, work)
    const outer = this.running
    this.running = scope
    try {
      return work()
    } finally {
      this.running = outer
    }
  }

  /** The call on whose behalf this code runs. */
  current (): CallScope | undefined {
    const scope = this.storage?.getStore() ?? this.running
    this.track()
    return scope?.ended === true ? undefined : scope
  }
}
