import type { HookContext } from '@feathersjs/feathers'

/** A before, after or error hook, whatever service it was written for. */
export type Hook = (this: unknown, context: HookContext) => unknown

/** The hooks that were registered in one place: of the app or of a service, for all methods or for one of them. */
export interface HookLevel {
  readonly before: readonly Hook[]
  readonly after: readonly Hook[]
  /** They see what fails in this level and in those within it. */
  readonly error: readonly Hook[]
}

/** What hooks find in a context while they run, as far as Feathers does not tell its type. */
interface RunningContext {
  self: unknown
  type: 'before' | 'after' | 'error' | null
  result?: unknown
  error?: unknown
  original?: object
}

interface PlacedHook {
  readonly hook: Hook
  readonly level: number
}

/**
 * Before, after and error hooks around a step, run as `collect` of @feathersjs/hooks runs them: in the same order, with
 * the context in the same states, whatever fails where. That makes some promises for each hook; one async function for
 * all of them takes half the time.
 */
export class HookSequence {
  private readonly before: readonly PlacedHook[]
  private readonly after: readonly PlacedHook[]

  /** @param levels - the outermost first; its after hooks run last */
  constructor (private readonly levels: readonly HookLevel[]) {
    const place = (hooks: 'before' | 'after'): PlacedHook[][] =>
      levels.map((level, index) => level[hooks].map(hook => ({ hook, level: index })))
    this.before = place('before').flat()
    this.after = place('after').reverse().flat()
  }

  /** Gives what the step gives, unless there are after hooks: Feathers' own keep it to themselves. */
  async run (hookContext: HookContext, step: (context: HookContext) => unknown): Promise<unknown> {
    // Feathers' type keeps what only its hooks may change from being changed.
    const context = hookContext as RunningContext
    /** The level that is under way, and behind an error the one that has taken it: only those around it go on. */
    let level = 0
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
      value = await step(hookContext)
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
   * Shows an error to the error hooks around it, from a level outwards; returns the level in which it ended, as its
   * hooks gave a result or took the error out of the context.
   *
   * @throws what is left of the error
   */
  private async recover (hookContext: HookContext, from: number, thrown: unknown): Promise<number> {
    const context = hookContext as RunningContext
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

function enter (context: RunningContext, type: RunningContext['type']): RunningContext['type'] {
  const { type: before } = context
  context.type = type
  return before
}

/** The type stays as it is where a hook fails. */
function leave (context: RunningContext, type: RunningContext['type'], changes: unknown): void {
  context.type = type
  assign(context, changes)
}

/** What a hook returns goes into its context. */
function assign (context: RunningContext, changes: unknown): void {
  if (Boolean(changes) && changes !== context) Object.assign(context, changes)
}
