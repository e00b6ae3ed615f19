import { hookMixin, type Application, type FeathersService } from '@feathersjs/feathers'

type Listener = (...args: unknown[]) => void
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** A service as far as the program puts something on it. */
interface Receiver {
  hooks: AnyFunction
  /** Where the app has channels. */
  registerPublisher?: AnyFunction
  __hooks: HookLists
  on (event: string, listener: Listener): void
  off (event: string, listener: Listener): void
  listeners (event: string): unknown[]
}

const TYPES = ['around', 'before', 'after', 'error'] as const

type HookLists = Partial<Record<typeof TYPES[number], unknown>>

interface HeardEvent {
  readonly event: string
  readonly listener: Listener
}

/** What was put on while the app announced the service. */
interface Announced {
  readonly hooks: HookLists[]
  readonly listeners: HeardEvent[]
}

/**
 * What the program put on a service of other nodes: hooks, listeners and publishers. They stay on the service when its
 * hosts come and go.
 *
 * A program that puts them on whenever the app announces the service (`app.on('service', …)`) would have each of them
 * once more with each host. What it puts on again, told by the text of the function, takes the place of what it put on
 * the time before.
 */
export class PutOn {
  /** How much there is to lose: what the program puts on again by itself is less than what it put on once. */
  worth: 0 | 1 | 2 = 0
  private readonly service: Receiver
  private readonly registerHooks: AnyFunction
  /** All hooks, in the order in which they came. */
  private hooks: HookLists[]
  private announced: Announced = { hooks: [], listeners: [] }
  private announcing: Announced | undefined
  private own = 0

  /** @param onChange - the program put something on the service */
  constructor (private readonly app: Application, service: FeathersService, private readonly onChange: () => void) {
    // Feathers' own type does not tell what it keeps on a service.
    this.service = service as unknown as Receiver
    this.registerHooks = this.service.hooks
    this.hooks = [copyOf(this.service.__hooks)]
    this.follow()
  }

  /** Does what is no doing of the program. */
  byItself (work: () => void): void {
    this.own++
    try {
      work()
    } finally {
      this.own--
    }
    this.followPublishers()
  }

  /** Announces the service to the program. */
  announce (emit: () => void): void {
    const now: Announced = { hooks: [], listeners: [] }
    this.announcing = now
    try {
      emit()
    } finally {
      this.announcing = undefined
      this.replaceListeners(now.listeners)
      this.replaceHooks(now.hooks)
    }
  }

  private follow (): void {
    const note = (): void => this.note()
    const add = (lists: HookLists): void => {
      this.hooks.push(lists)
      if (this.own === 0) this.announcing?.hooks.push(lists)
    }
    const { registerHooks } = this
    this.service.hooks = function (input) {
      const result = registerHooks.call(this, input)
      note()
      if (isHookLists(input)) add(copyOf(input))
      return result
    }
    this.service.on('newListener', (event, listener) => {
      note()
      if (this.own > 0) return
      this.announcing?.listeners.push({ event: event as string, listener: listener as Listener })
    })
    this.followPublishers()
  }

  private followPublishers (): void {
    const { service } = this
    const { registerPublisher } = service
    if (registerPublisher === undefined || FOLLOWED.has(registerPublisher)) return
    const note = (): void => this.note()
    const followed: AnyFunction = function (...args) {
      const result = registerPublisher.apply(this, args)
      note()
      return result
    }
    FOLLOWED.add(followed)
    service.registerPublisher = followed
  }

  private note (): void {
    if (this.own > 0) return
    const worth = this.announcing === undefined ? 2 : 1
    if (worth <= this.worth) return
    this.worth = worth
    this.onChange()
  }

  private replaceListeners (listeners: readonly HeardEvent[]): void {
    const { service } = this
    const before = [...this.announced.listeners]
    for (const { event, listener } of listeners) {
      const index = before.findIndex(each => each.event === event && codeOf(each.listener) === codeOf(listener))
      if (index < 0) continue
      const [old] = before.splice(index, 1)
      const times = service.listeners(event).filter(each => each === old.listener).length
      // The program may have taken it off before it put it on again.
      if (times > (old.listener === listener ? 1 : 0)) service.off(event, old.listener)
    }
    this.announced = { ...this.announced, listeners: [...before, ...listeners] }
  }

  private replaceHooks (added: readonly HookLists[]): void {
    const before = [...this.announced.hooks]
    let replaced = false
    for (const lists of added) {
      const isLikeIt = (each: HookLists): boolean => textOf(each) === textOf(lists)
      // Fewer that look alike than before: one may be a guard that was put on once, so none is given up.
      if (added.filter(isLikeIt).length < this.announced.hooks.filter(isLikeIt).length) continue
      const index = before.findIndex(isLikeIt)
      if (index < 0) continue
      const [old] = before.splice(index, 1)
      this.hooks = this.hooks.filter(each => each !== lists).map(each => each === old ? lists : each)
      replaced = true
    }
    this.announced = { ...this.announced, hooks: [...before, ...added] }
    if (replaced) this.registerAnew()
  }

  /** Feathers adds hooks, and takes none off. */
  private registerAnew (): void {
    const { app, service, hooks, registerHooks } = this
    const empty = {} as FeathersService
    hookMixin.call(app, empty as FeathersService<Application>, '', { methods: [] })
    Object.defineProperty(service, '__hooks', {
      value: (empty as unknown as Receiver).__hooks, configurable: true, writable: true
    })
    for (const lists of hooks) registerHooks.call(service, lists)
  }
}

const FOLLOWED = new WeakSet<AnyFunction>()

/** Whether hooks come in lists by their types; the other forms go to the methods themselves. */
function isHookLists (input: unknown): input is HookLists {
  return typeof input === 'object' && input !== null && TYPES.some(type => Boolean((input as HookLists)[type]))
}

/** The hooks by type and method; their lists are the caller's own, who may change them. */
function copyOf (lists: HookLists): HookLists {
  const byMethod = (hooks: unknown): Record<string, unknown[]> => {
    if (typeof hooks !== 'object' || hooks === null || Array.isArray(hooks)) return { all: [hooks].flat() }
    return Object.fromEntries(Object.entries(hooks).map(([method, each]) => [method, [each].flat()]))
  }
  return Object.fromEntries(TYPES.filter(type => Boolean(lists[type])).map(type => [type, byMethod(lists[type])]))
}

function textOf (lists: HookLists): string {
  return JSON.stringify(lists, (_name, value: unknown) =>
    typeof value === 'function' ? codeOf(value as AnyFunction) : value)
}

/** What tells a function that is made anew; of one that is bound the text says nothing, and its name does. */
function codeOf (given: AnyFunction): string {
  return `${given.name} ${String(given)}`
}
