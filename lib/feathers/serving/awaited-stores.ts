import { AsyncLocalStorage } from 'node:async_hooks'
import type { HookContext } from '@feathersjs/feathers'

/** A call under way. Once it has settled, its context holds what the hooks set. */
export interface RunningCall {
  /** Undefined for a method that Feathers makes no context for. */
  readonly context: HookContext | undefined
  /** Resolves when the call ends; without a context, to its result. */
  readonly ended: Promise<unknown>
}

/** Events that are being kept. */
type Stores = Array<Promise<void>>

/** What a call emits. Work that outlives it holds this as well: it has no list then, which would grow for ever. */
interface CallStores {
  stores?: Stores
}

/**
 * Knows which durable events a call of a service emits, so that its reply waits until they are kept. Nodes without
 * durable events never begin: an AsyncLocalStorage costs time at each promise.
 */
export class AwaitedStores {
  private storage: AsyncLocalStorage<CallStores> | undefined
  private collecting: Stores | undefined

  /** Whether there are durable events here. */
  get hasBegun (): boolean {
    return this.storage !== undefined
  }

  /** There are durable events here from now on. */
  begin (): void {
    this.storage ??= new AsyncLocalStorage()
  }

  /** An event is being kept, on behalf of the call that runs now. */
  add (stored: Promise<void>): void {
    // The program need not await it, and nothing ends the process.
    stored.catch(() => {})
    this.collecting?.push(stored)
    this.storage?.getStore()?.stores?.push(stored)
  }

  /** Emits an event. @returns resolves when it is kept by all that keep it; it may be left alone */
  collect (emit: () => void): Promise<void> {
    const outer = this.collecting
    const stores: Stores = this.collecting = []
    try {
      emit()
    } finally {
      this.collecting = outer
    }
    const all = Promise.all(stores).then(() => {})
    all.catch(() => {})
    return all
  }

  /** Runs a call whose result waits for the events that it emits. */
  async during (work: () => Promise<unknown>): Promise<unknown> {
    const { storage } = this
    if (storage === undefined) return await work()
    const call: CallStores = { stores: [] }
    return await afterStores(call, storage.run(call, work))
  }

  /** The same for a call of another node. */
  run (work: () => RunningCall): RunningCall {
    const { storage } = this
    if (storage === undefined) return work()
    const call: CallStores = { stores: [] }
    const { context, ended } = storage.run(call, work)
    return { context, ended: afterStores(call, ended) }
  }
}

/** Resolves to the result of a call when all is kept that it emitted; nothing is waited for from its end on. */
async function afterStores (call: CallStores, ended: Promise<unknown>): Promise<unknown> {
  let stores: Stores | undefined
  let result: unknown
  try {
    result = await ended
  } finally {
    stores = call.stores
    delete call.stores
  }
  await Promise.all(stores ?? [])
  return result
}
