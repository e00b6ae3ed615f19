import { enableHooks, type FeathersService } from '@feathersjs/feathers'
import { isRecord } from '../../../record'

type Listener = (...args: unknown[]) => void
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** The types of hooks of Feathers. */
export const HOOK_TYPES = ['around', 'before', 'after', 'error'] as const

/** Hooks by their type, as a program registers them and as Feathers stores them. */
type HookLists = Partial<Record<typeof HOOK_TYPES[number], unknown>>

/** The parts of a service to which a program adds something, some of which Feathers' type hides. */
interface Receiver {
  hooks: AnyFunction
  /** Only where the app has channels. */
  registerPublisher?: AnyFunction
  __hooks: HookLists
  on (event: string, listener: (event: string, listener: Listener) => void): void
  off (event: string, listener: Listener): void
  listeners (event: string): unknown[]
}

interface AddedListener {
  readonly event: string
  readonly listener: Listener
}

/** What the program added while the app announced the service. */
interface Announced {
  readonly hooks: HookLists[]
  readonly listeners: AddedListener[]
}

/**
 * What a program adds to a remote service: hooks, listeners and publishers. They stay on the service when its
 * hosts come and go.
 *
 * A program that adds them whenever the app announces the service (`app.on('service', …)`) would add each of them
 * again with each host. So an addition with the same text as one that was made at the last announcement replaces it.
 */
export class Additions {
  /** What would be lost with the service: 0 nothing, 1 what the program adds at each announcement, 2 more than that. */
  worth: 0 | 1 | 2 = 0
  private readonly service: Receiver
  private readonly registerHooks: AnyFunction
  /** All hooks, in the order of their registration. */
  private hooks: HookLists[]
  private announced: Announced = { hooks: [], listeners: [] }
  private announcing: Announced | undefined
  /** How many pieces of this package's own work are running. */
  private internal = 0

  /** @param onAdded - called when the program has added something */
  constructor (service: FeathersService, private readonly onAdded: () => void) {
    this.service = receiverOf(service)
    this.registerHooks = this.service.hooks
    this.hooks = [copyOf(this.service.__hooks)]
    this.follow()
  }

  /** Does work on the service that the program has no part in, so that nothing of it counts as an addition. */
  internally (work: () => void): void {
    this.internal++
    try {
      work()
    } finally {
      this.internal--
    }
    this.followPublishers()
  }

  /** The app is about to announce the service. */
  beginAnnouncement (): void {
    this.announcing = { hooks: [], listeners: [] }
  }

  /** The app has announced the service. What the program added replaces what it added at the last announcement. */
  endAnnouncement (): void {
    const now = this.announcing
    this.announcing = undefined
    if (now === undefined) return
    this.replaceListeners(now.listeners)
    this.replaceHooks(now.hooks)
  }

  private follow (): void {
    const note = (): void => this.note()
    const add = (lists: HookLists): void => {
      this.hooks.push(lists)
      if (this.internal === 0) this.announcing?.hooks.push(lists)
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
      if (this.internal === 0) this.announcing?.listeners.push({ event, listener })
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
    if (this.internal > 0) return
    const worth = this.announcing === undefined ? 2 : 1
    if (worth <= this.worth) return
    this.worth = worth
    this.onAdded()
  }

  private replaceListeners (listeners: readonly AddedListener[]): void {
    const { service } = this
    const before = [...this.announced.listeners]
    for (const { event, listener } of listeners) {
      const index = before.findIndex(each => each.event === event && codeOf(each.listener) === codeOf(listener))
      if (index < 0) continue
      const [old] = before.splice(index, 1)
      const times = service.listeners(event).filter(each => each === old.listener).length
      // The program may have removed the old one itself before it added the new one.
      if (times > (old.listener === listener ? 1 : 0)) service.off(event, old.listener)
    }
    this.announced = { ...this.announced, listeners: [...before, ...listeners] }
  }

  private replaceHooks (added: readonly HookLists[]): void {
    const before = [...this.announced.hooks]
    let replaced = false
    for (const lists of added) {
      const isLikeIt = (each: HookLists): boolean => textOf(each) === textOf(lists)
      // Fewer of the same text than before: one of the old may be a guard that was added only once, so all stay.
      if (added.filter(isLikeIt).length < this.announced.hooks.filter(isLikeIt).length) continue
      const index = before.findIndex(isLikeIt)
      if (index < 0) continue
      const [old] = before.splice(index, 1)
      this.hooks = this.hooks.filter(each => each !== lists).map(each => each === old ? lists : each)
      replaced = true
    }
    this.announced = { ...this.announced, hooks: [...before, ...added] }
    if (replaced) this.registerAgain()
  }

  /** Registers all hooks in an empty store: Feathers adds hooks and removes none. */
  private registerAgain (): void {
    const { service, hooks, registerHooks } = this
    enableHooks(service)
    for (const lists of hooks) registerHooks.call(service, lists)
  }
}

const FOLLOWED = new WeakSet<AnyFunction>()

/** A registered service with what its type hides. */
function receiverOf (service: object): Receiver {
  return service as Receiver
}

/** Whether hooks come in lists by their types. Other forms go to the methods themselves. */
function isHookLists (input: unknown): input is HookLists {
  if (typeof input !== 'object' || input === null) return false
  const lists: HookLists = input
  return HOOK_TYPES.some(type => Boolean(lists[type]))
}

/** The hooks by type and method. The original lists belong to the program, which may change them. */
function copyOf (lists: HookLists): HookLists {
  const byMethod = (hooks: unknown): Record<string, unknown[]> => {
    if (!isRecord(hooks)) return { all: [hooks].flat() }
    return Object.fromEntries(Object.entries(hooks).map(([method, each]) => [method, [each].flat()]))
  }
  return Object.fromEntries(HOOK_TYPES.filter(type => Boolean(lists[type])).map(type => [type, byMethod(lists[type])]))
}

function textOf (lists: HookLists): string {
  return JSON.stringify(lists, (_name, value: unknown) => typeof value === 'function' ? codeOf(value) : value)
}

/** What identifies a function that is made again. The text of a bound function says nothing, but its name does. */
function codeOf (given: { readonly name: string }): string {
  return `${given.name} ${String(given)}`
}
