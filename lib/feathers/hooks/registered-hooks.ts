import type { HookContext, NextFunction } from '@feathersjs/feathers'
import type { Hook, HookLevel } from './hook-sequence'

/** A hook that runs the rest of a call by `next()`. */
export type AroundHook = (this: unknown, context: HookContext, next: NextFunction) => unknown

type ByMethod<T> = Readonly<Record<string, readonly T[] | undefined>>

/**
 * Where Feathers keeps the hooks of an app or a service. Each registration of around hooks extends their list; each
 * registration of other hooks makes a new collected hook.
 */
interface HookStore {
  readonly around: ByMethod<AroundHook>
  readonly before: ByMethod<Hook>
  readonly after: ByMethod<Hook>
  readonly error: ByMethod<Hook>
  readonly collected: ByMethod<unknown>
  readonly collectedAll: { readonly before?: unknown, readonly after?: unknown }
}

/** An app or a service, with the private store of its hooks. */
export interface HookEnabled {
  readonly __hooks: HookStore
}

/** The around hooks of {@link onlyForClients}. */
const CLIENT_HOOKS = new WeakSet<AroundHook>()

/** Marks an around hook that has nothing to do where a call did not come to this app by a transport of Feathers. */
export function onlyForClients<H extends AroundHook> (hook: H): H {
  CLIENT_HOOKS.add(hook)
  return hook
}

/** A snapshot of the hooks that an app or a service has for one method. */
export class RegisteredHooks {
  /** The outermost first. */
  readonly around: readonly AroundHook[]
  /** Before, after and error hooks, which run within the around hooks; the outermost level first. */
  readonly levels: readonly HookLevel[]
  private readonly store: HookStore
  private readonly beforeAll: unknown
  private readonly ofMethod: unknown
  private readonly afterAll: unknown
  /** How many around hooks there were, with those that are left out. */
  private readonly aroundCount: number

  constructor (private readonly owner: HookEnabled, private readonly method: string) {
    const { around, before, after, error, collected, collectedAll } = owner.__hooks
    this.store = owner.__hooks
    this.beforeAll = collectedAll.before
    this.ofMethod = collected[method]
    this.afterAll = collectedAll.after
    const all = [...around.all ?? [], ...around[method] ?? []]
    this.aroundCount = all.length
    this.around = all.filter(hook => !CLIENT_HOOKS.has(hook))
    // Feathers' own order: after hooks for all methods are nearest to the method.
    const levels = [
      levelOf(before.all, undefined, error.all),
      levelOf(before[method], after[method], error[method]),
      levelOf(undefined, after.all, undefined)
    ]
    this.levels = levels.filter(level => level.before.length + level.after.length + level.error.length > 0)
  }

  /** Whether no hook was registered since the snapshot. */
  get isCurrent (): boolean {
    const { owner: { __hooks: store }, method } = this
    const { around, collected, collectedAll } = store
    return store === this.store && collected[method] === this.ofMethod && collectedAll.before === this.beforeAll &&
      collectedAll.after === this.afterAll &&
      (around.all?.length ?? 0) + (around[method]?.length ?? 0) === this.aroundCount
  }
}

/** Keeps the list of error hooks itself: as with Feathers, one that is registered during a call sees its failure. */
function levelOf (
  before: readonly Hook[] = [], after: readonly Hook[] = [], error: readonly Hook[] = []
): HookLevel {
  return { before: [...before], after: [...after], error }
}
