import type { Application, NextFunction } from '@feathersjs/feathers'
import { HOOKS } from './feathers-app'

/** The part of the hook manager of @feathersjs/hooks that is used here. */
interface HookManager {
  middleware (hooks: readonly AppHook[]): this
  parent (parent: HookManager | null): this
}

type AppHook = (context: { readonly method?: string }, next: NextFunction) => Promise<void>

/** Does something around the set-up of an app or around its teardown. */
export type Around = (next: NextFunction) => Promise<void>

/** What a node does when its app is set up and torn down. */
export type AroundApp = Readonly<Record<'setUp' | 'tearDown', Around>>

/** Makes a node join and leave with its app. */
export function followApp (app: Application, { setUp, tearDown }: AroundApp): void {
  // Two hooks see each set-up, and the first of them does the work. A set-up may begin before another one has ended.
  const followed = new WeakSet<object>()
  const aroundSetup: AppHook = async (context, next) => {
    if (followed.has(context)) return await next()
    followed.add(context)
    await setUp(next)
  }
  app.hooks({ setup: [aroundSetup], teardown: [async (_context: unknown, next: NextFunction) => await tearDown(next)] })
  // Hooks that the app got earlier may call other nodes, so this one has to run before them.
  runFirst(app, async (context, next) => await (context.method === 'setup' ? aroundSetup(context, next) : next()))
}

/** Runs a hook before all others around any function of the app, as `hooks(app, [hook])` of @feathersjs/hooks does. */
function runFirst (app: Application, hook: AppHook): void {
  const manager = managerOf(app.setup)
  // Another version keeps its managers elsewhere. Then the hook runs in the order in which it was registered.
  if (manager === undefined) return
  // The class has to come from the app's own copy of @feathersjs/hooks; this package has none.
  const own = new (manager.constructor as new () => HookManager)()
  Object.defineProperty(app, HOOKS, {
    value: own.middleware([hook]).parent(managerOf(app) ?? null), writable: true, configurable: true
  })
}

/** What @feathersjs/hooks keeps on a function or an object, which Feathers' types do not show. */
function managerOf (owner: object): HookManager | undefined {
  return (owner as { readonly [HOOKS]?: HookManager })[HOOKS]
}

/**
 * Runs `before` with the path of each service that the app is about to give up by `app.unuse`. The function that it
 * returns runs once the app has given the service up, and not at all where `unuse` fails.
 */
export function followUnuse (app: Application, before: (path: string) => () => void): void {
  const { unuse } = app
  const followed = async function (this: Application, path: string): Promise<unknown> {
    const after = before(path)
    const unused = await unuse.call(this, path)
    after()
    return unused
  }
  Object.assign(app, { unuse: followed })
}

/** Runs `after` each `app.configure`: the callback may have brought a transport. */
export function followConfigure (app: Application, after: () => void): void {
  const { configure } = app
  const followed: typeof configure = function (this: Application, callback) {
    configure.call(this, callback)
    after()
    return this
  }
  app.configure = followed
}
