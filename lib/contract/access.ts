import { messageOf } from '../printable'
import type { Caller } from './contract'

/**
 * Which nodes may call methods and receive events: those with one of these keys, or those for which a function returns
 * `true`. The function gets the name of the method at each call, and the name of the event for each node that
 * subscribes.
 */
export type Allow = readonly string[] | ((caller: Caller, name: string) => boolean)

/** Whether a value is an {@link Allow}. */
export function isAllow (value: unknown): value is Allow {
  if (typeof value === 'function') return true
  return Array.isArray(value) && value.every(key => typeof key === 'string' && key !== '')
}

/** The `allow` of members of a service that have their own, by their names. */
export type MemberAccess = ReadonlyMap<string, Allow>

/** Which nodes may call the methods of a service and receive its events. It never leaves the hosting node. */
export class Access {
  /** The names whose function has been warned of: callers must not fill the log. */
  private readonly warned = new Set<string>()

  /**
   * @param service - for methods and events without their own; everybody without it
   * @param methods - of methods that have their own
   * @param events - of events that have their own
   */
  constructor (
    private readonly service: Allow | undefined, private readonly methods: MemberAccess,
    private readonly events: MemberAccess = new Map()
  ) {}

  /** Whether a node may call a method. A function that throws, or returns anything but `true`, denies it. */
  permits (caller: Caller, method: string): boolean {
    const allow = this.methods.get(method) ?? this.service
    return allow === undefined || this.allows(allow, caller, method)
  }

  /** Which nodes receive an event, by the same rules; undefined where all do. */
  audience (event: string): ((node: Caller) => boolean) | undefined {
    const allow = this.events.get(event) ?? this.service
    return allow === undefined ? undefined : node => this.allows(allow, node, event)
  }

  private allows (allow: Allow, caller: Caller, name: string): boolean {
    if (typeof allow !== 'function') return caller.key !== undefined && allow.includes(caller.key)
    try {
      // A function of JavaScript may return anything.
      const answer: unknown = allow(caller, name)
      if (typeof answer !== 'object' || answer === null) return answer === true
      // A promise would count as true for everybody, and one that rejects unhandled would end the process.
      Promise.resolve(answer).catch(() => {})
      this.warn(name, 'returned an object and not true or false')
    } catch (error) {
      this.warn(name, `threw ${messageOf(error)}`)
    }
    return false
  }

  private warn (name: string, what: string): void {
    if (this.warned.has(name)) return
    this.warned.add(name)
    process.emitWarning(`the function 'allow' of '${name}' ${what}, which allows nothing`)
  }
}

/** What is wrong with an `allow` option. */
export function allowFaults (place: string, allow: unknown): string[] {
  if (allow === undefined || isAllow(allow)) return []
  return [`${place}: allow must be a list of keys, or a function of the caller and the name`]
}

/** The access to a plain service, by the option that it was registered with; undefined without one. */
export function accessOfService (allow: unknown): Access | undefined {
  if (allow === undefined || allow === null) return undefined
  // Whatever an invalid value was meant to say, it closed something.
  return new Access(isAllow(allow) ? allow : [], new Map())
}
