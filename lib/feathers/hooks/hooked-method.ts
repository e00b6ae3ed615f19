import {
  feathers, FeathersHookManager, type Application, type FeathersService, type HookContext
} from '@feathersjs/feathers'
import { HookSequence } from './hook-sequence'
import { RegisteredHooks, type AroundHook, type HookEnabled } from './registered-hooks'

/** Under which @feathersjs/hooks keeps what belongs to a method or an object. */
export const HOOKS = Symbol.for('@feathersjs/hooks')

/** By which a wrapper is told from what was put before it and has taken over all of its properties. */
const WRAPPER_SOURCE = Function.prototype.toString.call(feathers().use('any', { async get () {} }).service('any').get)

type Manager = FeathersHookManager<Application & HookEnabled>

type Context = HookContext & { readonly arguments: unknown[] }

/** What Feathers puts in the place of a method, so that hooks run around it. */
interface Wrapper {
  (this: unknown, ...args: unknown[]): Promise<unknown>
  readonly original: (this: unknown, ...args: unknown[]) => unknown
  readonly Context: new () => Context
  readonly [HOOKS]?: Manager
}

type HookedService = FeathersService & HookEnabled & { readonly [HOOKS]?: unknown }

/** A part of a call with all that is within it: whatever it meets, it gives a promise. */
type Step = (context: HookContext) => Promise<unknown>

/**
 * A method of a service of this app, called with its hooks. Feathers collects and composes those anew for each call;
 * here they are prepared once, until more are registered.
 */
export class HookedMethod {
  private readonly steps: Step
  private readonly Context: new () => Context

  private constructor (
    private readonly service: HookedService, private readonly wrapper: Wrapper, private readonly manager: Manager,
    private readonly hooks: readonly [own: RegisteredHooks, app: RegisteredHooks]
  ) {
    this.steps = this.compose()
    this.Context = quickClass(wrapper.Context)
  }

  /** Undefined for a method that only Feathers itself knows to call. */
  static of (service: FeathersService, name: string): HookedMethod | undefined {
    // Feathers takes the first for hooks of all methods, and finds the others where it looks for lists of hooks.
    if (name === 'all' || name in Object.prototype) return undefined
    const hooked = service as HookedService
    const wrapper = methodOf(hooked, name)
    const manager = wrapper?.[HOOKS]
    if (manager === undefined || manager.method !== name || !isKnown(manager, hooked)) return undefined
    if (!isWrapper(wrapper)) return undefined
    const own = new RegisteredHooks(hooked, name)
    const app = new RegisteredHooks(manager.app, name)
    // Feathers refuses the call.
    if (![...own.around, ...app.around].every(hook => typeof hook === 'function')) return undefined
    return new HookedMethod(hooked, wrapper, manager, [own, app])
  }

  /** Whether the service still has this method, with nothing around it but the hooks that were prepared. */
  get isCurrent (): boolean {
    const { service, wrapper, manager, hooks } = this
    return methodOf(service, manager.method) === wrapper && isKnown(manager, service) &&
      hooks[0].isCurrent && hooks[1].isCurrent
  }

  /** Gives a promise whatever it meets. */
  call (args: unknown[]): Promise<unknown> {
    // Feathers goes on with a context that it is given, and gives it back.
    if (args[args.length - 1] instanceof this.Context) return this.wrapper.apply(this.service, args)
    const context = this.contextOf(args)
    return this.run(context).then(() => context.result)
  }

  /** The context of a call, for who wants to see what becomes of it. */
  contextOf (args: unknown[]): HookContext {
    return this.manager.initializeContext(this.service, args, new this.Context()) as Context
  }

  /** Gives a promise whatever it meets; what comes of it is in the context. */
  run (context: HookContext): Promise<unknown> {
    return this.steps(context)
  }

  private compose (): Step {
    const { service, wrapper: { original } } = this
    let steps: Step = async context => {
      // A hook may have given the result already.
      if (Object.hasOwn(context, 'result')) return
      context.result = await original.apply(service, (context as Context).arguments)
    }
    for (const { around, levels } of this.hooks) {
      if (levels.length > 0) steps = inSequence(new HookSequence(levels), steps)
      for (const hook of [...around].reverse()) steps = inHook(hook, service, steps)
    }
    return steps
  }
}

function inSequence (sequence: HookSequence, inner: Step): Step {
  return context => sequence.run(context, inner)
}

function inHook (hook: AroundHook, service: unknown, inner: Step): Step {
  return context => {
    let called = false
    const next = (): Promise<unknown> => {
      if (called) return Promise.reject(new Error('next() called multiple times'))
      called = true
      return inner(context)
    }
    try {
      return Promise.resolve(hook.call(service, context, next))
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the hook threw
      return Promise.reject(error)
    }
  }
}

/**
 * The class of a method's contexts, which defines their only property of their own by `Object.defineProperty`. Where it
 * does, one that assigns it makes the same in a tenth of the time.
 */
function quickClass (Context: Wrapper['Context']): Wrapper['Context'] {
  if (Object.keys(new Context()).join() !== 'self') return Context
  function QuickContext (this: { self: unknown }): void {
    this.self = undefined
  }
  QuickContext.prototype = Context.prototype as unknown
  // A function can share its prototype with a class; only classes are constructors for TypeScript.
  return QuickContext as unknown as Wrapper['Context']
}

/** Of a method that is no wrapper most is missing. */
function methodOf (service: HookedService, name: string): Partial<Wrapper> | undefined {
  // A service has any methods.
  return (service as unknown as Readonly<Record<string, Partial<Wrapper> | undefined>>)[name]
}

/** Tells a wrapper from what stands before one and has, or shows, all of its properties. */
function isWrapper (method: unknown): method is Wrapper {
  return typeof method === 'function' && Function.prototype.toString.call(method) === WRAPPER_SOURCE
}

/** Whether a method is managed as Feathers does by itself: without hooks of the class, defaults or other managers. */
function isKnown (manager: Manager, service: HookedService): boolean {
  return Object.getPrototypeOf(manager) === FeathersHookManager.prototype && service[HOOKS] === undefined &&
    manager._parent === null && manager._defaults === undefined && manager._middleware?.length === 0
}
