import type { HookContext, NextFunction } from '@feathersjs/feathers'
import type { Hook, HookLevel } from './hook-sequence'

/** A hook around all that is within it. */
export type AroundHook = (this: unknown, context: HookContext, next: NextFunction) => unknown

type ByMethod<T> = Readonly<Record<string, readonly T[] | undefined>>

/**
 * What Feathers keeps of the hooks of an app or a service. Around hooks that are registered join their list; for all
 * others something new is collected.
 */
interface HookStore {
  readonly around: ByMethod<AroundHook>
  readonly before: ByMethod<Hook>
  readonly after: ByMethod<Hook>
  readonly error: ByMethod<Hook>
  readonly collected: ByMethod<unknown>
  readonly collectedAll: { readonly before?: unknown, readonly after?: unknown }
}

/** An app or a service. */
export interface HookEnabled {
  readonly __hooks: HookStore
}

/** The hooks that an app or a service has for one method, at the time they were looked at. */
export class RegisteredHooks {
  /** The outermost first. */
  readonly around: readonly AroundHook[]
  /** Within those, the outermost first. */
  readonly levels: readonly HookLevel[]
  private readonly store: HookStore
  private readonly beforeAll: unknown
  private readonly ofMethod: unknown
  private readonly afterAll: unknown

  constructor (private readonly owner: HookEnabled, private readonly method: string) {
    const { around, before, after, error, collected, collectedAll } = owner.__hooks
    this.store = owner.__hooks
    this.beforeAll = collectedAll.before
    this.ofMethod = collected[method]
    this.afterAll = collectedAll.after
    this.around = [...around.all ?? [], ...around[method] ?? []]
    // Feathers' own order: what runs after all methods is nearest to the method.
    const levels = [
      levelOf(before.all, undefined, error.all),
      levelOf(before[method], after[method], error[method]),
      levelOf(undefined, after.all, undefined)
    ]
    this.levels = levels.filter(level => level.before.length + level.after.length + level.error.length > 0)
  }

  /** Whether no more hooks were registered since. */
  get isCurrent (): boolean {
    const { owner: { __hooks: store }, method } = this
    const { around, collected, collectedAll } = store
    return store === this.store && collected[method] === this.ofMethod && collectedAll.before === this.beforeAll &&
      collectedAll.after === this.afterAll &&
      (around.all?.length ?? 0) + (around[method]?.length ?? 0) === this.around.length
  }
}

/** Error hooks stay in their list: as with Feathers, those that join it during a call see what fails in that. */
function levelOf (
  before: readonly Hook[] = [], after: readonly Hook[] = [], error: readonly Hook[] = []
): HookLevel {
  return { before: [...before], after: [...after], error }
}
