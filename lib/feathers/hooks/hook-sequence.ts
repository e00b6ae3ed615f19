import type { HookContext } from '@feathersjs/feathers'

/** A before, after or error hook, whatever service it was written for. */
export type Hook = (this: unknown, context: HookContext) => unknown

/** The hooks that were registered in one place: on the app or on a service, for all methods or for one of them. */
export interface HookLevel {
  readonly before: readonly Hook[]
  readonly after: readonly Hook[]
  /** These see failures of this level and of the levels within it. */
  readonly error: readonly Hook[]
}

/** The fields of a context that change while hooks run. Feathers' type hides some and makes others read-only. */
interface RunningContext {
  self: unknown
  type: 'before' | 'after' | 'error' | null
  result?: unknown
  error?: unknown
  original?: object
}

/** What hooks are around: further hooks and what those are around, or the method, whose result the context gets. */
export type Inner =
  { readonly run: (context: HookContext) => Promise<unknown>, readonly method?: undefined } |
  { readonly method: (context: HookContext) => unknown, readonly run?: undefined }

interface PlacedHook {
  readonly hook: Hook
  readonly level: number
}

/**
 * Before, after and error hooks around a method. They run as `collect` of @feathersjs/hooks runs them: in the same
 * order, with the context in the same states, whatever fails where. `collect` makes several promises for each hook; one
 * async function for all hooks takes half the time.
 */
export class HookSequence {
  private readonly before: readonly PlacedHook[]
  private readonly after: readonly PlacedHook[]

  /**
   * @param levels - the outermost first; its after hooks run last
   * @param inner - the method itself needs no promise of its own here
   */
  constructor (private readonly levels: readonly HookLevel[], private readonly inner: Inner) {
    const place = (hooks: 'before' | 'after'): PlacedHook[][] =>
      levels.map((level, index) => level[hooks].map(hook => ({ hook, level: index })))
    this.before = place('before').flat()
    this.after = place('after').reverse().flat()
  }

  /** Returns the value of what is within. With after hooks it returns nothing, as Feathers does. */
  async run (hookContext: HookContext): Promise<unknown> {
    const { inner } = this
    const context = running(hookContext)
    /** The level that runs now. */
    let level = 0
    /** The level that handled an error: only after hooks of the levels around it still run. */
    let recovered = Infinity
    let value: unknown
    try {
      for (const placed of this.before) {
        const { hook } = placed
        level = placed.level
        const type = enter(context, 'before')
        leave(context, type, await hook.call(context.self, hookContext))
      }
      level = this.levels.length - 1
      if (inner.method === undefined) value = await inner.run(hookContext)
      else if (isToCall(hookContext)) context.result = await inner.method(hookContext)
    } catch (error) {
      recovered = await this.recover(hookContext, level, error)
    }
    for (const { hook, level: around } of this.after) {
      if (around >= recovered) continue
      try {
        const type = enter(context, 'after')
        leave(context, type, await hook.call(context.self, hookContext))
      } catch (error) {
        recovered = await this.recover(hookContext, around, error)
      }
    }
    return this.after.length === 0 ? value : undefined
  }

  /**
   * Runs the error hooks from a level outwards. Returns the level that handled the error: its hooks set a result, or
   * removed the error from the context.
   *
   * @throws the error that is left when no level handled it
   */
  private async recover (hookContext: HookContext, from: number, thrown: unknown): Promise<number> {
    const context = running(hookContext)
    let error = thrown
    for (let level = from; level >= 0; level--) {
      const hooks = this.levels[level].error
      if (hooks.length === 0) continue
      if (context.error !== error || context.result !== undefined) {
        context.original = { ...context }
        context.error = error
        delete context.result
      }
      try {
        const type = enter(context, 'error')
        for (const hook of [...hooks]) assign(context, await hook.call(context.self, hookContext))
        context.type = type
        if (context.result !== undefined || context.error === undefined) return level
      } catch (thrownByHook) {
        context.error = thrownByHook
      }
      error = context.error
    }
    throw error
  }
}

/** A hook that sets the result replaces the method. */
export function isToCall (context: HookContext): boolean {
  return !Object.hasOwn(context, 'result')
}

/** A context as hooks may change it. */
function running (context: HookContext): RunningContext {
  return context as RunningContext
}

function enter (context: RunningContext, type: RunningContext['type']): RunningContext['type'] {
  const { type: before } = context
  context.type = type
  return before
}

/** Restores the type of the context. Where a hook fails, the type stays that of the hook. */
function leave (context: RunningContext, type: RunningContext['type'], changes: unknown): void {
  context.type = type
  assign(context, changes)
}

/** Copies what a hook returned into its context. */
function assign (context: RunningContext, changes: unknown): void {
  if (Boolean(changes) && changes !== context) Object.assign(context, changes)
}
