import {
  feathers, type Application, type FeathersService, type HookContext, type NextFunction
} from '@feathersjs/feathers'
import { LocalServices } from '../../lib/feathers/serving/local-services'

export type Call = readonly [method: string, ...args: unknown[]]
export type Hook = (this: unknown, context: HookContext, next: NextFunction) => unknown
export type Method = (...args: unknown[]) => unknown

/** What hooks of Feathers write into a context, whatever its type says. */
export type OpenContext = Record<string, unknown> & { arguments: unknown[], self: unknown }

/** A service as Feathers keeps it, whatever its methods are. */
export type OpenService = Record<string, Method> & { hooks: (hooks: unknown) => unknown, on: Method }

const METHODS = ['find', 'get', 'create', 'shout']

/** An app with a service `notes`. Its hooks, its events and its callers leave a trace of all that they see. */
export class World {
  readonly app: Application = feathers()
  readonly trace: unknown[] = []
  private readonly services = new LocalServices(this.app)

  /** @param prepared - whether calls go by the way under test, or as Feathers makes them */
  constructor (private readonly prepared: boolean, service: object = new Notes()) {
    const methods = METHODS.filter(name => name in service)
    // Feathers' type wants promises; its hooks do not.
    this.app.use('notes', service as FeathersService, { methods, events: ['shouted'] })
    this.app.use('others', new Notes() as object as FeathersService)
    for (const path of ['notes', 'others']) {
      for (const event of ['created', 'shouted']) {
        this.service(path).on(event, (...args: unknown[]) => this.trace.push({ path, event, args: this.plain(args) }))
      }
    }
  }

  service (path = 'notes'): OpenService {
    return this.app.service(path) as unknown as OpenService
  }

  /** Registers hooks, whatever they are. */
  hooks (hooks: object, on: 'app' | 'service' = 'service'): void {
    if (on === 'service') this.service().hooks(hooks)
    // Feathers' type takes what it can tell for hooks of standard methods.
    else this.app.hooks(hooks as Parameters<Application['hooks']>[0])
  }

  /** A hook that leaves a trace of its context when it begins. */
  hook (name: string, behave: Hook = () => {}): Hook {
    const note = (context: HookContext, self: unknown): void => { this.note(name, context, self) }
    return function (context, next) {
      note(context, this)
      return behave.call(this, context, next)
    }
  }

  /** What an around hook finds when it gets something from within also leaves a trace. */
  async within (name: string, context: HookContext, next: NextFunction): Promise<unknown> {
    // Feathers' type of it is any.
    const value: unknown = await next()
    this.trace.push({ within: name, value: this.plain(value) })
    this.note(`behind ${name}`, context, undefined)
    return value
  }

  note (name: string, context: HookContext, self: unknown): void {
    const open = context as unknown as OpenContext & { toJSON: () => object }
    const { id, data, params, statusCode, http, event, path, method, service, app, type, original } = open
    const { Context } = this.service()[context.method] as unknown as { Context: new () => unknown }
    this.trace.push(this.plain({
      hook: name, self, own: { ...open }, json: Object.keys(open.toJSON()), hasResult: Object.hasOwn(open, 'result'),
      seen: { id, data, params, statusCode, http, event, path, method, service, app, type, original },
      isContext: open instanceof Context
    }))
  }

  async call ([method, ...args]: Call): Promise<void> {
    const service = this.service()
    try {
      const value = await (this.prepared ? this.services.call('notes', method, [...args]) : service[method](...args))
      this.trace.push({ call: method, value: this.plain(value), args: this.plain(args) })
    } catch (error) {
      this.trace.push({ call: method, error: this.plain(error), args: this.plain(args) })
    }
  }

  /** A copy that stays as it is now, with errors as text and what belongs to the app by name. */
  plain (value: unknown): unknown {
    if (value instanceof Error) return `${value.name}: ${value.message}`
    if (typeof value === 'function') return `function ${value.name}`
    if (typeof value !== 'object' || value === null) return value
    if (value === this.app) return 'the app'
    for (const [path, service] of Object.entries(this.app.services)) if (value === service) return `service ${path}`
    if (Array.isArray(value)) return value.map(item => this.plain(item))
    if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor.name
    return Object.entries(value).map(([name, item]) => [name, this.plain(item)])
  }
}

/** Its methods answer in each of the ways that a method can. */
export class Notes {
  find (): unknown[] { return [{ id: 1 }, { id: 2 }] }

  async get (id: unknown, params: unknown): Promise<unknown> {
    await Promise.resolve()
    if (id === 0) throw new Error('no such note')
    return { id, params }
  }

  create (data: unknown): unknown {
    if (data === null) throw new TypeError('nothing to create')
    return Array.isArray(data) ? data : { id: 3, data }
  }

  shout (data: unknown): unknown { return data }
}

/** What is seen of the same calls in two worlds: one where Feathers makes them, and one where they are prepared. */
export async function bothWays (
  arrange: (world: World) => unknown, calls: readonly Call[] = [['get', 1, {}]], service?: () => object
): Promise<[byFeathers: World, prepared: World]> {
  const [byFeathers, prepared] = [false, true].map(prepared => new World(prepared, service?.()))
  for (const world of [byFeathers, prepared]) {
    await arrange(world)
    for (const call of calls) await world.call(call)
  }
  return [byFeathers, prepared]
}

/** The trace of the same calls, which is the same whoever makes them. */
export async function traceOf (...given: Parameters<typeof bothWays>): Promise<unknown[]> {
  const [byFeathers, prepared] = await bothWays(...given)
  expect(prepared.trace).toStrictEqual(byFeathers.trace)
  return prepared.trace
}

/** What the hooks of a trace are called, in the order in which they ran. */
export const namesIn = (trace: readonly unknown[]): unknown[] => trace.flatMap(entry => {
  const [[key, name]] = Array.isArray(entry) ? entry as string[][] : [[]]
  return key === 'hook' ? [name] : []
})

/** How the last call ended. */
export const outcomeOf = (trace: readonly unknown[]): unknown => trace.at(-1)
