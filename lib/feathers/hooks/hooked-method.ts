import {
  feathers, FeathersHookManager, type Application, type FeathersService, type HookContext
} from '@feathersjs/feathers'
import { HOOKS, methodsOf } from '../app/feathers-app'
import { HookSequence, isToCall, type HookLevel, type Inner } from './hook-sequence'
import { RegisteredHooks, type AroundHook, type HookEnabled } from './registered-hooks'

/** The source of a wrapper. A function that replaced a wrapper may have all of its properties, but not its source. */
const WRAPPER_SOURCE = Function.prototype.toString.call(feathers().use('any', { async get () {} }).service('any').get)

type Manager = FeathersHookManager<Application & HookEnabled>

/** What Feathers puts in the place of a method, so that hooks run around it. */
interface Wrapper {
  (this: unknown, ...args: unknown[]): Promise<unknown>
  readonly original: (this: unknown, ...args: unknown[]) => unknown
  readonly Context: new () => HookContext
  readonly [HOOKS]?: Manager
}

type HookedService = FeathersService & HookEnabled & { readonly [HOOKS]?: unknown }

/** A part of a call with everything inside it. It never throws: failures reject the promise. */
type Step = (context: HookContext) => Promise<unknown>

/**
 * A method of a service of this app, called with its hooks. Feathers collects and composes the hooks for each call.
 * This class does so once, and again when more hooks are registered.
 */
export class HookedMethod {
  private readonly steps: Step
  private readonly Context: new () => HookContext

  private constructor (
    private readonly service: HookedService, private readonly wrapper: Wrapper, private readonly manager: Manager,
    private readonly hooks: readonly [own: RegisteredHooks, app: RegisteredHooks]
  ) {
    this.steps = this.compose()
    this.Context = quickClass(wrapper.Context)
  }

  /** Prepares a method; undefined for one that only Feathers itself can call. */
  static of (service: FeathersService, name: string): HookedMethod | undefined {
    // For Feathers 'all' names the hooks of all methods, and names of Object.prototype find no list of hooks.
    if (name === 'all' || name in Object.prototype) return undefined
    // Every service that an app has registered has a store of hooks, which its type hides.
    const hooked = service as HookedService
    const wrapper = wrapperOf(hooked, name)
    const manager = wrapper?.[HOOKS]
    if (manager === undefined || manager.method !== name || !isKnown(manager, hooked)) return undefined
    if (!isWrapper(wrapper)) return undefined
    const own = new RegisteredHooks(hooked, name)
    const app = new RegisteredHooks(manager.app, name)
    // Feathers rejects such a call, with a message of its own.
    if (![...own.around, ...app.around].every(hook => typeof hook === 'function')) return undefined
    return new HookedMethod(hooked, wrapper, manager, [own, app])
  }

  /** Whether the service still has this method, with the same hooks and nothing else around it. */
  get isCurrent (): boolean {
    const { service, wrapper, manager, hooks } = this
    return wrapperOf(service, manager.method) === wrapper && isKnown(manager, service) &&
      hooks[0].isCurrent && hooks[1].isCurrent
  }

  /** Calls the method. Never throws: failures reject the promise. */
  call (args: unknown[]): Promise<unknown> {
    // Feathers uses a context that a caller passes in, and returns it.
    if (args[args.length - 1] instanceof this.Context) return this.wrapper.apply(this.service, args)
    const context = this.contextOf(args)
    return this.run(context).then(() => context.result)
  }

  /** Makes the context of a call, for a caller that reads from it after {@link run}. */
  contextOf (args: unknown[]): HookContext {
    const context = new this.Context()
    // A manager without a parent fills the context itself.
    this.manager.initializeContext(this.service, args, context)
    return context
  }

  /** Runs a call, which leaves its result in the context. Never throws: failures reject the promise. */
  run (context: HookContext): Promise<unknown> {
    return this.steps(context)
  }

  private compose (): Step {
    const { service, wrapper: { original } } = this
    const method = (context: HookContext): unknown => original.apply(service, context.arguments)
    let steps: Step | undefined
    for (const { around, levels } of this.hooks) {
      if (levels.length > 0) steps = inSequence(levels, steps === undefined ? { method } : { run: steps })
      for (const hook of [...around].reverse()) steps = inHook(hook, service, steps ?? alone(method))
    }
    return steps ?? alone(method)
  }
}

function inSequence (levels: readonly HookLevel[], inner: Inner): Step {
  const sequence = new HookSequence(levels, inner)
  return context => sequence.run(context)
}

/** The method without hooks directly around it. */
function alone (method: (context: HookContext) => unknown): Step {
  return async context => {
    if (isToCall(context)) context.result = await method(context)
  }
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
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever the hook threw
      return Promise.reject(error)
    }
  }
}

/**
 * A faster class for a method's contexts. That of @feathersjs/hooks defines the only own property, `self`, by
 * `Object.defineProperty`; assigning the property makes the same object in a tenth of the time. Where the original
 * makes other objects, this returns the original.
 */
function quickClass (Context: Wrapper['Context']): Wrapper['Context'] {
  if (Object.keys(new Context()).join() !== 'self') return Context
  function QuickContext (this: { self: unknown }): void {
    this.self = undefined
  }
  QuickContext.prototype = Context.prototype
  // For TypeScript only classes are constructors; a function can share its prototype with one.
  return QuickContext as unknown as Wrapper['Context']
}

/** What may be the wrapper of a method: any property may be missing. */
function wrapperOf (service: HookedService, name: string): Partial<Wrapper> | undefined {
  return methodsOf<Partial<Wrapper> | undefined>(service)[name]
}

/** Whether a method is a wrapper, and not a function that replaced one and shows all of its properties. */
function isWrapper (method: unknown): method is Wrapper {
  return typeof method === 'function' && Function.prototype.toString.call(method) === WRAPPER_SOURCE
}

/** Whether Feathers alone manages a method: no hooks of its class, no defaults, no other manager. */
function isKnown (manager: Manager, service: HookedService): boolean {
  return Object.getPrototypeOf(manager) === FeathersHookManager.prototype && service[HOOKS] === undefined &&
    manager._parent === null && manager._defaults === undefined && manager._middleware?.length === 0
}
