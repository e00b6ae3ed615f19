import type { Application, NextFunction } from '@feathersjs/feathers'
import { HOOKS } from './hooks/hooked-method'

/** What @feathersjs/hooks keeps there, as far as it is used here. */
interface HookManager {
  middleware (hooks: readonly AppHook[]): this
  parent (parent: HookManager | null): this
}

type AppHook = (context: { readonly method?: string }, next: NextFunction) => Promise<void>

/** Does something around the set-up of an app and around its teardown. */
export type Around = (next: NextFunction) => Promise<void>

/** What a node does when its app comes and goes. */
export type AroundApp = Readonly<Record<'setUp' | 'tearDown', Around>>

/** Lets a node come and go with its app. */
export function followApp (app: Application, { setUp, tearDown }: AroundApp): void {
  // Of each set-up the first of the two hooks does it; one set-up may begin before another one has ended.
  const followed = new WeakSet<object>()
  const aroundSetup: AppHook = async (context, next) => {
    if (followed.has(context)) return await next()
    followed.add(context)
    await setUp(next)
  }
  app.hooks({ setup: [aroundSetup], teardown: [async (_context: unknown, next: NextFunction) => await tearDown(next)] })
  // What this one does is done before the hooks that the app was given earlier, as those may call other nodes.
  runFirst(app, async (context, next) => await (context.method === 'setup' ? aroundSetup(context, next) : next()))
}

/** Runs a hook before all that belong to one function of the app, as `hooks(app, [hook])` of @feathersjs/hooks does. */
function runFirst (app: Application, hook: AppHook): void {
  const { [HOOKS]: manager } = app.setup as { [HOOKS]?: HookManager }
  // Another version keeps it elsewhere: then it runs in the order in which it was given.
  if (manager === undefined) return
  // The class of the app's own copy: this package has none.
  const own = new (manager.constructor as new () => HookManager)()
  const before = (app as { [HOOKS]?: HookManager })[HOOKS] ?? null
  Object.defineProperty(app, HOOKS, {
    value: own.middleware([hook]).parent(before), writable: true, configurable: true
  })
}
